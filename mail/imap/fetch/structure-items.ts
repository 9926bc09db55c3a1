/** ENVELOPE, BODYSTRUCTURE, and BODY without a section (RFC 3501 section 7.4.2): as the index has them. */
import type { MessageIndex } from '../../mailbox/message-index.ts';
import { bodyOf } from '../../message/body-form.ts';
import type { DataItemKind, EnvelopeItem, IndexItem } from './data-item.ts';
import { sendText } from './send.ts';

export const envelopeItem: EnvelopeItem = { from: 'envelope', text: (envelope) => `ENVELOPE ${envelope}` };
const bodyStructureItem = indexItem('BODYSTRUCTURE', ({ bodyStructure }) => bodyStructure);
export const bodyItem = indexItem('BODY', ({ bodyStructure }) =>
  Buffer.from(bodyOf(Buffer.from(bodyStructure, 'latin1'))).toString('latin1'),
);

function indexItem(name: string, value: (index: MessageIndex) => string): IndexItem {
  return {
    from: 'index',
    needs: 'bodyStructure',
    write: ({ index }, { out }) => sendText(out, `${name} ${value(index)}`),
  };
}

const rfcs = ['RFC 3501 section 6.4.5'];

export const structureItemKinds: readonly DataItemKind[] = [
  { name: 'ENVELOPE', rfcs, parse: () => envelopeItem },
  { name: 'BODYSTRUCTURE', rfcs, parse: () => bodyStructureItem },
];
