/** HEADER: a text in a header field of any name; an empty one is in each that is there. */
import { searchRfcs, type SearchKey } from '../search-key.ts';

export const headerKey: SearchKey = {
  name: 'HEADER',
  rfcs: searchRfcs,
  parse(args, parsing) {
    args.space();
    const key = args.astring('the name of a header field')?.toLowerCase();
    args.space();
    const asked = parsing.text(args);
    if (key === undefined || asked === undefined) return undefined;
    return {
      stage: 'header',
      matches: (message) => message.headerValues(key)?.some((value) => value.includes(asked)),
      want: (_, wanted) => void (wanted.header = true),
    };
  },
};
