/** BODY and TEXT: a text in the message's text parts; for TEXT, in its header too. */
import { needleOf } from '../needle.ts';
import { byRecord, searchRfcs, type SearchKey } from '../search-key.ts';

export const textKeys: readonly SearchKey[] = (['body', 'text'] as const).map((where) => ({
  name: where.toUpperCase(),
  rfcs: searchRfcs,
  parse(args, parsing) {
    args.space();
    const folded = parsing.text(args);
    if (folded === undefined) return undefined;
    // The empty text is in every text.
    if (folded === '') return byRecord(() => true);
    const needle = needleOf(folded, where);
    return {
      stage: 'text',
      matches: (message) => message.holds(needle),
      want: (_, wanted) => void wanted.needles.add(needle),
    };
  },
}));
