/** What a command is, and what comes of one. One command is one file in `commands/`. */
import type { Reply } from './reply.ts';
import type { Session } from './session.ts';

/** Where a session stands (RFC 1939 section 3): before and after login. UPDATE is QUIT itself: no command is given in it. */
export type State = 'authorization' | 'transaction';

export const everyState: readonly State[] = ['authorization', 'transaction'];

/** Takes lines: commands, or an AUTH exchange. */
export interface LineReceiver {
  /** With CRLF. */
  readonly maxBytes: number;
  /** The line without its end. */
  line(line: Uint8Array): Promise<Outcome>;
  /** The line was longer than `maxBytes`; it was dropped. */
  tooLong(): Promise<Outcome>;
}

/** What follows the first line of a multi-line reply, not yet stuffed and without the last line's dot. */
export type MultiLineBody = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * - `reply`: send it; what comes next is for `next`, without one it is a command.
 * - `multiLine`: send it, then the body, byte-stuffed, then the dot. Only a positive reply has a body.
 * - `tls`: send it, then shake hands; everything before is forgotten.
 * - `end`: send it, then end the connection. The `farewell` is a `-ERR` of its own behind the command's reply, so that
 *   a client reads why the command failed, and why nothing more follows.
 */
export type Outcome =
  | { readonly kind: 'reply'; readonly reply: Reply; readonly next?: LineReceiver }
  | { readonly kind: 'multiLine'; readonly reply: Reply; readonly body: MultiLineBody }
  | { readonly kind: 'tls'; readonly reply: Reply }
  | { readonly kind: 'end'; readonly reply: Reply; readonly farewell?: Reply };

export interface Command {
  /** In upper case. */
  readonly verb: string;
  /** `RFC 1939 section 5` … */
  readonly rfcs: readonly string[];
  /** Where it is allowed; elsewhere it is refused before it is run. */
  readonly states: readonly State[];
  /** Longer than `limits.commandLineBytes` where it must be. With CRLF. */
  readonly maxLineBytes?: (session: Session) => number;
  /** The argument as it was written, behind one space. Exceptions are faults: the client reads `-ERR [SYS/TEMP]`. */
  run(session: Session, argument: string): Promise<Outcome> | Outcome;
}

/** The commonest outcome. */
export function answer(reply: Reply, next?: LineReceiver): Outcome {
  return next === undefined ? { kind: 'reply', reply } : { kind: 'reply', reply, next };
}
