/** SEARCH and UID SEARCH (RFC 3501 sections 6.4.4, 6.4.8), with the return options of RFC 4466 section 2.6.1. */
import { badArguments, done, selectedOnly, type Command, type Outcome } from '../command.ts';
import { tellFound } from '../search/answer.ts';
import { findMatches } from '../search/find.ts';
import { searchProgram, type SearchProgram } from '../search/program.ts';
import { wholeResult, type AskedReturn, type Extent } from '../search/return-option.ts';
import { returnAll } from '../search/return-options.ts';
import type { Numbering } from '../selected-mailbox.ts';
import type { Session } from '../session.ts';
import { completed, statuses } from '../status.ts';
import type { Scanner } from '../syntax/scanner.ts';

export const searchCommand = command('SEARCH', 'sequence');
export const uidSearchCommand = command('UID SEARCH', 'uid');

function command(name: string, numbering: Numbering): Command {
  return {
    name,
    rfcs: ['RFC 3501 section 6.4.4', 'RFC 4466 section 2.6'],
    states: selectedOnly,
    tells: numbering === 'uid' ? 'everything' : 'noExpunge',
    run(session, args) {
      const request = searchArguments(args, session);
      if (request === undefined) return badArguments(name, args);
      if (!request.program.charsetKnown) return done(statuses.badCharset);
      return search(session, { name, numbering, ...request });
    },
  };
}

interface SearchArguments {
  /** undefined: without RETURN. */
  readonly asked: readonly AskedReturn[] | undefined;
  readonly program: SearchProgram;
}

/** SP [RETURN (options) SP] program. */
function searchArguments(args: Scanner, session: Session): SearchArguments | undefined {
  args.space();
  const asked = args.accept('RETURN ') ? returnOptions(args, session) : undefined;
  const program = searchProgram(args, session);
  return args.end() && program !== undefined ? { asked, program } : undefined;
}

/** Each counts once; none stands for ALL. */
function returnOptions(args: Scanner, session: Session): readonly AskedReturn[] {
  const named = new Map<string, AskedReturn>();
  const option = () => {
    const name = args.word('a return option');
    const asked = name === undefined ? undefined : session.registry.returnOptions.get(name)?.parse(args);
    if (name === undefined || asked === undefined) return args.fail('a return option');
    return named.set(name, asked);
  };
  args.list(option, { empty: true, what: 'return options in parentheses' });
  args.space();
  return named.size === 0 ? [returnAll] : [...named.values()];
}

async function search(
  session: Session,
  request: SearchArguments & { readonly name: string; readonly numbering: Numbering },
): Promise<Outcome> {
  const { asked, numbering, program } = request;
  const { selected } = session;
  const { told } = selected;
  const keys = [...program.keys];
  for (const key of keys) key.asked?.(session);
  await selected.catchUp();
  const extent = asked === undefined ? wholeResult : extentOf(asked);
  const { unreadable, ...matches } = await findMatches(session, { criterion: program.criterion, extent });
  const numbers = matches.places.map((place) => (numbering === 'uid' ? told.uidAt(place) : place + 1));
  const modSeq = keys.some(({ tellsModSeq }) => tellsModSeq === true);
  await tellFound(session, { found: { ...matches, numbers }, numbering, asked, modSeq });
  return done(unreadable === 0 ? completed(request.name) : statuses.unreadable);
}

/** What all options together need. */
function extentOf(asked: readonly AskedReturn[]): Extent {
  return {
    first: Math.max(...asked.map(({ extent }) => extent.first)),
    last: Math.max(...asked.map(({ extent }) => extent.last)),
  };
}
