/** A search key (RFC 3501 section 6.4.4), and the criterion that it becomes. */
import type { Session } from '../session.ts';
import type { Scanner } from '../syntax/scanner.ts';
import type { Needle } from './needle.ts';
import type { SearchedMessage } from './searched-message.ts';

/** What is to be read of a message before its criterion can tell. */
export interface Wanted {
  /** The message's own header. */
  header: boolean;
  readonly needles: Set<Needle>;
}

/** What is known of messages, from what is at hand to what costs most: what a criterion asks first. */
export const stages = ['record', 'index', 'header', 'text'] as const;

/** A key as it was asked, its strings decoded and folded. */
export interface Criterion {
  /** The last stage at which it may become able to tell: of several, the cheap ones are asked first. */
  readonly stage: (typeof stages)[number];
  /** The envelope by itself may be enough for it to tell: it is read before the rest of the index. */
  readonly asksEnvelope?: boolean;
  /**
   * Whether the message matches, as far as it is known: undefined where that cannot be told yet. Once it is told, it
   * stays, whatever more is known.
   */
  matches(message: SearchedMessage): boolean | undefined;
  /** Whether a message with these bits of `systemFlags` matches, where they alone decide. */
  readonly byFlags?: ((system: number) => boolean) | undefined;
  /** Adds what is to be read; asked with the index at hand, where `matches` cannot tell. */
  want?(message: SearchedMessage, wanted: Wanted): void;
}

/** What the reading of keys shares. */
export interface SearchParsing {
  readonly session: Session;
  /** A string argument in the charset of the command, folded for comparison; fails where it is not of that charset. */
  text(args: Scanner): string | undefined;
  /** Reads one key, of whatever kind: for NOT, OR and parentheses. Depth and number are limited. */
  key(args: Scanner): Criterion | undefined;
}

export interface SearchKey {
  /** In upper case. */
  readonly name: string;
  readonly rfcs: readonly string[];
  /** Reads what stands behind the name, the space before its first argument included. */
  parse(args: Scanner, parsing: SearchParsing): Criterion | undefined;
  /** That it was asked changes the session (RFC 7162 section 3.1). */
  readonly asked?: (session: Session) => void;
  /** The answer tells the highest mod-sequence of what was found (RFC 7162 section 3.1.5). */
  readonly tellsModSeq?: boolean;
}

/** A criterion that the record, the number or the session's view of a message decides. */
export function byRecord(matches: (message: SearchedMessage) => boolean): Criterion {
  return { stage: 'record', matches };
}

/** A criterion that the system flags decide. */
export function bySystemFlags(byFlags: (system: number) => boolean): Criterion {
  return { ...byRecord(({ record }) => byFlags(record.system)), byFlags };
}

/** A key without arguments. RFC 3501 section 6.4.4, unless told. */
export function plainKey(
  name: string,
  criterion: Criterion,
  rfcs: readonly string[] = searchRfcs,
): SearchKey {
  return { name, rfcs, parse: () => criterion };
}

export const searchRfcs: readonly string[] = ['RFC 3501 section 6.4.4'];
