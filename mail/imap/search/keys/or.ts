/** OR: messages that one of the two keys behind it matches. */
import { anyOf } from '../combine.ts';
import { searchRfcs, type Criterion, type SearchKey } from '../search-key.ts';

export const orKey: SearchKey = {
  name: 'OR',
  rfcs: searchRfcs,
  parse(args, parsing) {
    const criteria: Criterion[] = [];
    args.space();
    // `OR a OR b OR c d`, as clients write long lists, goes no deeper with each.
    do {
      const one = parsing.key(args);
      if (one === undefined) return undefined;
      criteria.push(one);
      args.space();
    } while (args.accept('OR '));
    const last = parsing.key(args);
    return last && anyOf([...criteria, last]);
  },
};
