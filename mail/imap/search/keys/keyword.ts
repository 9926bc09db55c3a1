/** KEYWORD and UNKEYWORD, in any case. */
import { byRecord, searchRfcs, type SearchKey } from '../search-key.ts';

export const keywordKeys: readonly SearchKey[] = [
  keywordKey('KEYWORD', true),
  keywordKey('UNKEYWORD', false),
];

function keywordKey(name: string, wanted: boolean): SearchKey {
  return {
    name,
    rfcs: searchRfcs,
    parse(args) {
      args.space();
      const keyword = args.atom('a keyword')?.toLowerCase();
      if (keyword === undefined) return undefined;
      return byRecord(
        ({ record }) => record.keywords.some((each) => each.toLowerCase() === keyword) === wanted,
      );
    },
  };
}
