/** BODY[section]<partial> and BODY.PEEK[…] (RFC 3501 section 6.4.5). BODY without a section is the structure. */
import type { Scanner } from '../syntax/scanner.ts';
import { formatSection, partial, section } from '../syntax/section.ts';
import type { DataItemKind, IndexItem } from './data-item.ts';
import { octetsItem } from './octets-item.ts';
import { bodyItem } from './structure-items.ts';

const rfcs = ['RFC 3501 section 6.4.5'];

export const bodySectionKinds: readonly DataItemKind[] = [
  {
    name: 'BODY',
    rfcs,
    parse: (args) => (args.looksAt('[') ? bodySection(args, { setsSeen: true }) : bodyItem),
  },
  { name: 'BODY.PEEK', rfcs, parse: (args) => bodySection(args, { setsSeen: false }) },
];

/** The response names the section, and of a partial its first octet. */
function bodySection(args: Scanner, { setsSeen }: { readonly setsSeen: boolean }): IndexItem | undefined {
  const asked = section(args);
  const some = args.looksAt('<') ? partial(args) : undefined;
  if (args.failure !== undefined || asked === undefined) return undefined;
  const origin = some === undefined ? '' : `<${some.origin}>`;
  const name = `BODY${formatSection(asked)}${origin}`;
  return octetsItem({ name, section: asked, partial: some, setsSeen });
}
