/** What a command is, and what comes of one. One command is one file in `commands/`. */
import type { Reply } from './reply.ts';
import type { Session } from './session.ts';

/**
 * Where a session stands (RFC 5321 section 4.1.4):
 * - `connected`: before EHLO or HELO, and again after STARTTLS.
 * - `greeted`: no transaction.
 * - `sender`: MAIL was taken.
 * - `recipients`: and one RCPT or more.
 * - `chunks`: and one BDAT or more, but not the last.
 */
export type State = 'connected' | 'greeted' | 'sender' | 'recipients' | 'chunks';

export const everyState: readonly State[] = ['connected', 'greeted', 'sender', 'recipients', 'chunks'];
export const outsideTransaction: readonly State[] = ['connected', 'greeted'];

/** Takes whole lines instead of commands: an AUTH exchange. */
export interface LineReceiver {
  readonly kind: 'lines';
  /** With CRLF. */
  readonly maxBytes: number;
  /** The line without its CRLF. */
  line(line: Uint8Array): Promise<Outcome>;
  /** The line was longer than `maxBytes`, or holds a bare CR or LF; it was dropped. */
  unreadable(why: 'tooLong' | 'bareLineEnd'): Outcome;
}

/** Takes octets instead of commands: a message. */
export interface OctetReceiver {
  readonly kind: 'octets';
  /** Uses some of `bytes`, which is not empty, from the front; all of them unless there is an outcome. */
  take(bytes: Uint8Array): Promise<{ readonly used: number; readonly outcome?: Outcome }>;
}

export type Receiver = LineReceiver | OctetReceiver;

/**
 * - `reply`: send it; what comes next is for `next`, without one it is a command.
 * - `silent`: nothing to send yet.
 * - `tls`: send it, then shake hands; everything before is forgotten.
 * - `end`: send it, and the `farewell` where there is one, then end the connection. The farewell is a 421 of its own
 *   behind the command's reply, so that a client reads why the command failed, and why the next one will.
 */
export type Outcome =
  | { readonly kind: 'reply'; readonly reply: Reply; readonly next?: Receiver }
  | { readonly kind: 'silent'; readonly next: Receiver }
  | { readonly kind: 'tls'; readonly reply: Reply }
  | { readonly kind: 'end'; readonly reply: Reply; readonly farewell?: Reply };

export interface Command {
  /** In upper case. */
  readonly verb: string;
  /** As HELP shows it. */
  readonly syntax: string;
  /** One line for HELP. */
  readonly purpose: string;
  /** `RFC 5321 section 4.1.1.1` … */
  readonly rfcs: readonly string[];
  /** Where it is allowed; elsewhere it is answered `503 5.5.1`. */
  readonly states: readonly State[];
  /** Whether it carries a message on: not counted as idle. */
  readonly progress?: true;
  /** Longer than `limits.commandLineBytes` where it must be. With CRLF. */
  readonly maxLineBytes?: (session: Session) => number;
  /** Exceptions are faults: the transaction is dropped and the client reads `451 4.3.0`. */
  run(session: Session, argument: string): Promise<Outcome> | Outcome;
  /** For a command followed by octets, which must be read even where it is refused with `reply`. */
  refuse?(session: Session, argument: string, reply: Reply): Outcome;
}

/** The commonest outcome. */
export function answer(reply: Reply, next?: Receiver): Outcome {
  return next === undefined ? { kind: 'reply', reply } : { kind: 'reply', reply, next };
}
