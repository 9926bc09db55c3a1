/** LIST (RFC 3501 section 6.3.8), with the options of RFC 5258 that extensions know. */
import { separator } from '../../mailbox/folder-name.ts';
import { badArguments, done, loggedIn, type Command } from '../command.ts';
import type { ListItem, ListSelector } from '../list/list-option.ts';
import type { ListRequest } from '../list/listed-names.ts';
import { tellList } from '../list/tell-list.ts';
import type { Session } from '../session.ts';
import { completed, statuses } from '../status.ts';
import { listPattern, type ListPattern } from '../syntax/list-pattern.ts';
import { mailbox } from '../syntax/mailbox-name.ts';
import type { Scanner } from '../syntax/scanner.ts';

export const listCommand: Command = {
  name: 'LIST',
  rfcs: ['RFC 3501 section 6.3.8'],
  states: loggedIn,
  async run(session, args) {
    const wanted = listArguments(args, session);
    if (!args.end() || wanted === undefined) return badArguments('LIST', args);
    if (wanted.rootOf !== undefined) {
      session.out.untagged(rootOf(wanted.rootOf));
      return done(completed('LIST'));
    }
    for (const { asked } of wanted.items) asked?.(session);
    const list = await session.mail.listFolders();
    if (list.kind !== 'folders') return done(statuses.noSuchMailbox);
    await tellList(session, { response: 'LIST', list, ...wanted });
    return done(completed('LIST'));
  },
};

interface ListArguments {
  readonly request: ListRequest;
  readonly items: readonly ListItem[];
  /** Nothing is listed: only the separator and the root of this reference are asked for. */
  readonly rootOf: string | undefined;
}

/** [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts] (RFC 5258 section 6). */
function listArguments(args: Scanner, session: Session): ListArguments | undefined {
  const { registry, limits } = session;
  args.space();
  const selecting = args.looksAt('(');
  const selectors = selecting
    ? options(args, {
        what: 'a selection option',
        read: (name) => registry.listSelections.get(name)?.parse(args),
      })
    : [];
  if (selecting) args.space();
  const reference = mailbox(args);
  args.space();
  const several = args.looksAt('(');
  const patterns = several
    ? args.list(() => listPattern(args, reference))
    : only(listPattern(args, reference));
  const returning = args.accept(' RETURN ');
  const returned = returning
    ? options(args, {
        what: 'a return option',
        read: (name) => registry.listReturns.get(name)?.parse(args, session),
      })
    : [...registry.listReturns.values()].flatMap(({ unasked }) => unasked ?? []);
  if (selectors === undefined || patterns === undefined || returned === undefined) return undefined;
  if (patterns.length > limits.listPatterns) return args.refuse(`at most ${limits.listPatterns} patterns`);
  const root = !selecting && !several && !returning && patterns[0]?.empty === true;
  return {
    request: requestOf(selectors, patterns),
    items: [noSelect, ...selectors.flatMap(({ items = [] }) => items), ...returned],
    rootOf: root ? reference : undefined,
  };
}

function requestOf(selectors: readonly ListSelector[], patterns: readonly ListPattern[]): ListRequest {
  const selections = selectors.flatMap(({ selects }) => selects ?? []);
  if (selections.length === 0) selections.push(({ folder }) => folder !== undefined);
  return {
    patterns,
    selects: (entry) => selections.every((selects) => selects(entry)),
    recursive: selectors.some(({ recursive }) => recursive === true),
  };
}

/** Options in parentheses, perhaps none; `read` knows them by name and reads what stands behind it. */
function options<Option>(
  args: Scanner,
  { what, read }: { readonly what: string; readonly read: (name: string) => Option | undefined },
): readonly Option[] | undefined {
  const option = () => {
    const name = args.word(what);
    return (name === undefined ? undefined : read(name)) ?? args.fail(what);
  };
  return args.list(option, { empty: true, what });
}

function only<Item>(item: Item | undefined): readonly Item[] | undefined {
  return item === undefined ? undefined : [item];
}

const noSelect: ListItem = {
  attributes: ({ folder }) => (folder?.mailbox === undefined ? ['\\Noselect'] : []),
};

/** The separator, and the root where the reference has one: no name here has. */
function rootOf(reference: string): string {
  const root = reference.startsWith(separator) ? separator : '';
  return `LIST (\\Noselect) "${separator}" "${root}"`;
}
