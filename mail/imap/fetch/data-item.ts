/** A message data item of FETCH (RFC 3501 section 6.4.5), and what it is made from. One kind is one file. */
import type { MessageIndex } from '../../mailbox/message-index.ts';
import type { MessageRecord } from '../../mailbox/message-record.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { ResponseWriter } from '../response-writer.ts';
import type { Session } from '../session.ts';
import type { Scanner } from '../syntax/scanner.ts';

/** A message as FETCH has it at hand. */
export interface FetchedMessage {
  readonly sequenceNumber: number;
  readonly record: MessageRecord;
  /** `\Recent` in this session. */
  readonly recent: boolean;
}

/** The same where some item needs its index. */
export interface IndexedMessage extends FetchedMessage {
  readonly index: MessageIndex;
}

/** What items read bytes from and write to. */
export interface FetchContext {
  readonly out: ResponseWriter;
  readonly blobs: Blobs;
  /**
   * The item's bytes cannot be read: it writes NIL, the other messages go on, and the command ends in NO. A fault in the
   * middle of a literal must be thrown: it ends the connection.
   */
  readonly unreadable: (fault: unknown) => undefined;
}

/** An item as it was asked for. The same item twice is written once. */
export type DataItem = RecordItem | EnvelopeItem | IndexItem;

/** It is told from the message's record: nothing is read for it. */
export interface RecordItem {
  readonly from: 'record';
  /** That it was asked for changes the session (RFC 7162 section 3.1). */
  readonly asked?: (session: Session) => void;
  /** `NAME value`. */
  text(message: FetchedMessage): string;
}

/** It is told from the message's envelope, which is read much faster than the whole index. */
export interface EnvelopeItem {
  readonly from: 'envelope';
  readonly asked?: (session: Session) => void;
  /** `NAME value`, of whatever length. Octets stand as Latin-1 characters. */
  text(envelope: string): string;
}

/** It is told from the message's index, or from its bytes, which the index points to. */
export interface IndexItem {
  readonly from: 'index';
  readonly asked?: (session: Session) => void;
  /** It marks the message as `\Seen`: BODY[…] without PEEK, RFC822, RFC822.TEXT. */
  readonly setsSeen?: boolean;
  /** What it looks at of the message's structure, which is known to be whole before the response begins. */
  readonly needs?: 'parts' | 'bodyStructure' | undefined;
  /** The message's bytes are read for it and take their time to be sent. */
  readonly sendsBody?: boolean;
  /** Writes `NAME value`, without a space before or behind it. Waits for `out.ready()` where it writes much. */
  write(message: IndexedMessage, context: FetchContext): void | Promise<void>;
}

export interface DataItemKind {
  /** In upper case: `ENVELOPE`, `BODY.PEEK`. */
  readonly name: string;
  readonly rfcs: readonly string[];
  /** Reads what stands behind the name: `[TEXT]<0.100>`. */
  parse(args: Scanner): DataItem | undefined;
}

/** What a FETCH modifier asks (RFC 4466 section 2.4): only some of the messages, and items of its own. */
export interface FetchRestriction {
  matches(record: MessageRecord): boolean;
  readonly items: readonly DataItem[];
}

/** What FETCH may be asked in parentheses behind the items: `(CHANGEDSINCE 7)`. */
export interface FetchModifier {
  /** In upper case. */
  readonly name: string;
  readonly rfcs: readonly string[];
  /** Reads what stands behind the name. */
  parse(args: Scanner): FetchRestriction | undefined;
}
