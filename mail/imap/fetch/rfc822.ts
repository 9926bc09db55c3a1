/** RFC822, RFC822.HEADER and RFC822.TEXT (RFC 3501 section 6.4.5): BODY[], BODY.PEEK[HEADER], BODY[TEXT] by older names. */
import type { Section } from '../../message/part-table.ts';
import type { DataItemKind } from './data-item.ts';
import { octetsItem } from './octets-item.ts';

export const rfc822Kinds: readonly DataItemKind[] = [
  kind('RFC822', { of: 'whole', setsSeen: true }),
  kind('RFC822.HEADER', { of: 'HEADER', setsSeen: false }),
  kind('RFC822.TEXT', { of: 'TEXT', setsSeen: true }),
];

function kind(
  name: string,
  { of, setsSeen }: { readonly of: Section['of']; readonly setsSeen: boolean },
): DataItemKind {
  const item = octetsItem({ name, section: { numbers: [], of }, partial: undefined, setsSeen });
  return { name, rfcs: ['RFC 3501 section 6.4.5'], parse: () => item };
}
