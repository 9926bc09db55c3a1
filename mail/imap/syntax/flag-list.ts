/** Flags as they are written (RFC 3501 sections 2.3.2, 9). */
import { allSystemFlags, isKeyword, systemFlags, type Flags } from '../../mailbox/flags.ts';
import type { Scanner } from './scanner.ts';

const names: readonly (readonly [string, number])[] = [
  ['\\Answered', systemFlags.answered],
  ['\\Flagged', systemFlags.flagged],
  ['\\Deleted', systemFlags.deleted],
  ['\\Seen', systemFlags.seen],
  ['\\Draft', systemFlags.draft],
];

const bits: ReadonlyMap<string, number> = new Map(names.map(([name, bit]) => [name.toUpperCase(), bit]));

/** The system flags as each of the 32 sets is written. */
const written = Array.from({ length: allSystemFlags + 1 }, (_, system) =>
  names
    .filter(([, bit]) => (system & bit) !== 0)
    .map(([name]) => name)
    .join(' '),
);

/** `(\Seen $Forwarded)`. */
export function formatFlags(
  { system, keywords }: Flags,
  { recent = false }: { readonly recent?: boolean } = {},
): string {
  const flags = written[system & allSystemFlags] ?? '';
  if (keywords.length === 0 && !recent) return `(${flags})`;
  return `(${[flags, recent ? '\\Recent' : '', ...keywords].filter(Boolean).join(' ')})`;
}

/** What STORE may change: all of them and new keywords, or nothing where the mailbox is open read-only. */
export function formatPermanentFlags({
  readOnly,
  view,
}: {
  readonly readOnly: boolean;
  readonly view: { readonly keywords: ReadonlySet<string> };
}): string {
  if (readOnly) return '()';
  return `(${[written[allSystemFlags], ...view.keywords, '\\*'].join(' ')})`;
}

/** flag-list: `(\Seen $Forwarded)`, perhaps empty. */
export function flagList(args: Scanner): Flags | undefined {
  const flags = args.list(() => flag(args), { empty: true, what: 'a list of flags' });
  return flags && joined(flags);
}

/** store-att-flags: a list, or flags without parentheses. */
export function storeFlags(args: Scanner): Flags | undefined {
  if (args.looksAt('(')) return flagList(args);
  const flags: Flags[] = [];
  do {
    const next = flag(args);
    if (next === undefined) return undefined;
    flags.push(next);
  } while (args.accept(' '));
  return joined(flags);
}

function joined(flags: readonly Flags[]): Flags {
  return {
    system: flags.reduce((sum, { system }) => sum | system, 0),
    keywords: flags.flatMap(({ keywords }) => keywords),
  };
}

/**
 * One flag. `\Recent` is the server's alone and is passed over: clients that copy messages from one server to another
 * send it back. Another system flag than those of RFC 3501 is none.
 */
function flag(args: Scanner): Flags | undefined {
  const system = args.accept('\\');
  const name = args.atom('a flag');
  if (name === undefined) return undefined;
  if (!system)
    return isKeyword(name) ? { system: 0, keywords: [name] } : args.fail('a keyword of 64 octets at most');
  if (name.toUpperCase() === 'RECENT') return { system: 0, keywords: [] };
  const bit = bits.get(`\\${name.toUpperCase()}`);
  return bit === undefined ? args.fail('a flag of RFC 3501 or a keyword') : { system: bit, keywords: [] };
}
