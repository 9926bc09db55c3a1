/** A search key (RFC 3501 section 6.4.4), and what it is held against. */
import type { MessageIndex } from '../../mailbox/message-index.ts';
import type { MessageRecord } from '../../mailbox/message-record.ts';
import type { Session } from '../session.ts';
import type { Scanner } from '../syntax/scanner.ts';

/**
 * A message as far as it is at hand: first only its record; then, where a criterion cannot tell, its index; then what
 * was found in its text.
 */
export interface SearchedMessage {
  readonly sequenceNumber: number;
  readonly record: MessageRecord;
  /** `\Recent` in this session. */
  readonly recent: boolean;
  /** undefined: not read yet. */
  readonly index: MessageIndex | undefined;
  /** The message's own header, read where the index's cache of it cannot tell; undefined: not read yet. */
  readonly header: Uint8Array | undefined;
  /** Which needles of `Criterion.needles` the message's text holds; undefined: not looked for yet. */
  readonly found: ReadonlySet<Needle> | undefined;
}

/** A text that is looked for in a message's text. Compared by identity. */
export interface Needle {
  /** As `fold` gives it. */
  readonly folded: string;
  /** TEXT looks in the header too. */
  readonly where: 'body' | 'text';
}

/** A key as it was asked, its strings decoded and folded. */
export interface Criterion {
  /** Whether the message matches; undefined where that cannot be told before more of it is read. */
  matches(message: SearchedMessage): boolean | undefined;
  /** What must be looked for in messages' text before `matches` can tell. */
  readonly needles: readonly Needle[];
  /** That it was asked changes the session, and adds mod-sequences to the answer (RFC 7162 section 3.1.5). */
  readonly asked?: (session: Session) => void;
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
}
