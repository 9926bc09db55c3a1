/** Every limit and time-out of a POP3 session, in one table. */
import { maxPasswordOctets } from '../auth/limits.ts';
import { maxSaslLineOctets } from '../wire/base64-line.ts';

export interface Pop3Limits {
  /** A command line with its CRLF: RFC 2449 section 4. */
  readonly commandLineBytes: number;
  /** USER and PASS may be longer: a name or password that SASL takes must not fail here (RFC 2449 section 4 allows it). */
  readonly loginLineBytes: number;
  /** A line of an AUTH exchange; the AUTH command itself may be as long (RFC 5034 section 4). */
  readonly authLineBytes: number;
  /** Attempts to log in that fail, before the session ends. */
  readonly authFailures: number;
  /** Each failure is answered after so long. */
  readonly authFailurePauseMs: number;
  /** Commands that are no commands, or malformed, or out of place, before the session ends. */
  readonly badCommands: number;
  /** Silence, before or after login; RFC 1939 section 3 asks for at least 10 minutes. */
  readonly idleMs: number;
}

export const pop3Limits: Pop3Limits = {
  commandLineBytes: 255,
  loginLineBytes: 'PASS \r\n'.length + maxPasswordOctets,
  authLineBytes: maxSaslLineOctets,
  authFailures: 3,
  authFailurePauseMs: 2_000,
  badCommands: 20,
  idleMs: 10 * 60_000,
};
