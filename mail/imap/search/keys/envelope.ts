/**
 * FROM, TO, CC, BCC and SUBJECT: a text in the field of the envelope, as the RFC has it: names and addresses, and what
 * encoded words stand for.
 */
import type { EnvelopeField } from '../../../message/read-envelope.ts';
import { searchRfcs, type SearchKey } from '../search-key.ts';

const fields: readonly EnvelopeField[] = ['from', 'to', 'cc', 'bcc', 'subject'];

export const envelopeKeys: readonly SearchKey[] = fields.map((field) => ({
  name: field.toUpperCase(),
  rfcs: searchRfcs,
  parse(args, parsing) {
    args.space();
    const asked = parsing.text(args);
    if (asked === undefined) return undefined;
    return {
      stage: 'index',
      asksEnvelope: true,
      matches(message) {
        const text = message.envelope(field);
        return text === undefined ? undefined : text !== null && text.includes(asked);
      },
    };
  },
}));
