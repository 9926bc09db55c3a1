/** What a command is, and what comes of one. One command is one file in `commands/`. */
import type { Session } from './session.ts';
import { statuses, type Farewell, type Status } from './status.ts';
import type { CommandText } from './syntax/command-text.ts';
import type { Scanner } from './syntax/scanner.ts';

/** Where a session stands (RFC 3501 section 3); the logout state is the end of it. */
export type State = 'notAuthenticated' | 'authenticated' | 'selected';

export const everyState: readonly State[] = ['notAuthenticated', 'authenticated', 'selected'];
export const loggedIn: readonly State[] = ['authenticated', 'selected'];
export const selectedOnly: readonly State[] = ['selected'];

/** Takes lines that are no commands: of AUTHENTICATE, or IDLE's DONE. */
export interface LineReceiver {
  /** With CRLF. */
  readonly maxBytes: number;
  /** The client is told of changes while its line is waited for: IDLE. */
  readonly idling?: boolean;
  /** The line without its end. */
  line(line: Uint8Array): Promise<Outcome> | Outcome;
  /** The line was longer than `maxBytes`; it was dropped. */
  tooLong(): Promise<Outcome> | Outcome;
}

/**
 * - `done`: the tagged response.
 * - `continue`: `+ text`; the lines that follow are for `next`, which ends with the tagged response.
 * - `tls`: the tagged response, then the handshake; everything before is forgotten.
 * - `end`: `* BYE`, the tagged response where there is one, and the end of the connection.
 */
export type Outcome =
  | { readonly kind: 'done'; readonly status: Status }
  | { readonly kind: 'continue'; readonly text: string; readonly next: LineReceiver }
  | { readonly kind: 'tls'; readonly status: Status }
  | { readonly kind: 'end'; readonly farewell: Farewell; readonly status?: Status };

/** Takes the octets of a literal as they come. A fault rejects; the rest of the literal is then dropped. */
export type LiteralSink = (bytes: Buffer) => Promise<void>;

/**
 * - `gather`: it belongs to the command's text.
 * - `stream`: its octets go to `sink`.
 * - `refuse`: the command is over; what still comes of it is dropped.
 */
export type LiteralDecision =
  | { readonly kind: 'gather' }
  | { readonly kind: 'stream'; readonly sink: LiteralSink }
  | { readonly kind: 'refuse'; readonly status: Status };

/** One invocation of a command that takes literals as they come (APPEND). */
export interface Intake {
  /** A literal of so many octets is announced; `args` are the arguments before it. */
  literal(args: Scanner, octets: number): Promise<LiteralDecision>;
  /** The command is whole. */
  run(args: Scanner): Promise<Outcome>;
  /** The command ends without `run`, or its `run` has ended: what is held is given back. Called once, last. */
  dispose(): Promise<void>;
}

export interface Command {
  /** In upper case; `UID FETCH` is one. */
  readonly name: string;
  /** `RFC 3501 section 6.4.5` … */
  readonly rfcs: readonly string[];
  /** Where it is allowed; elsewhere it is refused before it is run. */
  readonly states: readonly State[];
  /**
   * What the client is told before the tagged response (RFC 3501 section 7.4.1): EXPUNGE never during FETCH, STORE and
   * SEARCH. Default: `everything`.
   */
  readonly tells?: 'everything' | 'noExpunge' | 'nothing';
  /**
   * Reads its arguments, `args` standing behind the command's name (the first one begins with the space); then acts.
   * What is written to `session.out` is sent before the tagged response. Exceptions are faults.
   */
  run(session: Session, args: Scanner): Promise<Outcome> | Outcome;
  /** Where literals are taken as they come; `run` is then not called. */
  readonly begin?: (session: Session) => Intake;
}

/** The commonest outcome. */
export function done(status: Status): Outcome {
  return { kind: 'done', status };
}

/** The arguments are not the command's: BAD, with what was expected. */
export function badArguments(command: string, args: Scanner): Outcome {
  return done(statuses.syntax(command, args.failure ?? 'malformed arguments'));
}

const tagPattern = /^([^\x00-\x20\x7f-\xff(){%*"\\+]+) /;
const namePattern = /^[A-Za-z][A-Za-z0-9.-]*/;

/** A command's beginning: its tag, its name in upper case, and where its arguments begin in the first text. */
export type CommandStart =
  | { readonly kind: 'ok'; readonly tag: string; readonly name: string; readonly argumentsAt: number }
  /** Without a tag, or without a command behind it. */
  | { readonly kind: 'bad'; readonly tag: string | undefined };

/** Reads the beginning; `UID` belongs to the name of the command behind it. */
export function commandStart(text: CommandText): CommandStart {
  const line = text.texts[0] ?? '';
  const tag = tagPattern.exec(line)?.[1];
  if (tag === undefined) return { kind: 'bad', tag: undefined };
  const from = tag.length + 1;
  const first = namePattern.exec(line.slice(from))?.[0];
  if (first === undefined) return { kind: 'bad', tag };
  const name = first.toUpperCase();
  const behind = from + first.length;
  if (name !== 'UID') return { kind: 'ok', tag, name, argumentsAt: behind };
  const second = / [A-Za-z]+/y;
  second.lastIndex = behind;
  const verb = second.exec(line)?.[0];
  if (verb === undefined) return { kind: 'ok', tag, name, argumentsAt: behind };
  return { kind: 'ok', tag, name: `UID${verb.toUpperCase()}`, argumentsAt: behind + verb.length };
}
