/** The arguments of FETCH (RFC 3501 section 9, RFC 4466 section 2.4): which messages, and what of them. */
import type { Session } from '../session.ts';
import type { Scanner } from '../syntax/scanner.ts';
import { sequenceSet, type SequenceSet } from '../syntax/sequence-set.ts';
import type { DataItem, FetchRestriction } from './data-item.ts';
import { macros } from './data-items.ts';

export interface FetchArguments {
  readonly set: SequenceSet;
  /** In the order in which they were asked for, those of modifiers last; each once. */
  readonly items: readonly DataItem[];
  /** Only messages that match all of them. */
  readonly restrictions: readonly FetchRestriction[];
}

/** SP sequence-set SP items [SP modifiers]. */
export function fetchArguments(args: Scanner, session: Session): FetchArguments | undefined {
  args.space();
  const set = sequenceSet(args);
  args.space();
  const asked = args.looksAt('(') ? itemList(args, session) : macroOrItem(args, session);
  const restrictions = args.accept(' ') ? modifiers(args, session) : [];
  if (!args.end() || set === undefined || asked === undefined || restrictions === undefined) return undefined;
  const items = new Set([...asked, ...restrictions.flatMap((restriction) => restriction.items)]);
  return { set, items: [...items], restrictions };
}

function itemList(args: Scanner, session: Session): readonly DataItem[] | undefined {
  const { fetchItems } = session.limits;
  let count = 0;
  return args.list(() => {
    count += 1;
    return count > fetchItems ? args.refuse(`at most ${fetchItems} data items at once`) : item(args, session);
  });
}

function macroOrItem(args: Scanner, session: Session): readonly DataItem[] | undefined {
  for (const [name, items] of macros) if (args.accept(name)) return items;
  const one = item(args, session);
  return one === undefined ? undefined : [one];
}

function item(args: Scanner, { registry }: Session): DataItem | undefined {
  const what = 'a data item of FETCH';
  const kind = registry.dataItems.get(args.word(what) ?? '');
  return kind === undefined ? args.fail(what) : kind.parse(args);
}

function modifiers(args: Scanner, { registry }: Session): readonly FetchRestriction[] | undefined {
  const what = 'a modifier of FETCH';
  return args.list(() => {
    const modifier = registry.fetchModifiers.get(args.word(what) ?? '');
    return modifier === undefined ? args.fail(what) : modifier.parse(args);
  });
}
