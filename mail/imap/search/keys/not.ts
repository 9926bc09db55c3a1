/** NOT: messages that the key behind it does not match. */
import { not } from '../combine.ts';
import { searchRfcs, type SearchKey } from '../search-key.ts';

export const notKey: SearchKey = {
  name: 'NOT',
  rfcs: searchRfcs,
  parse(args, parsing) {
    args.space();
    const key = parsing.key(args);
    return key && not(key);
  },
};
