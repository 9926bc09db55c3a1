/** LARGER and SMALLER: octets of the message (RFC822.SIZE). */
import { byRecord, searchRfcs, type SearchKey } from '../search-key.ts';

export const sizeKeys: readonly SearchKey[] = [
  sizeKey('LARGER', (size, asked) => size > asked),
  sizeKey('SMALLER', (size, asked) => size < asked),
];

function sizeKey(name: string, matches: (size: number, asked: number) => boolean): SearchKey {
  return {
    name,
    rfcs: searchRfcs,
    parse(args) {
      args.space();
      const asked = args.number('a number of octets');
      return asked === undefined ? undefined : byRecord(({ record }) => matches(record.size, asked));
    },
  };
}
