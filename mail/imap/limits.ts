/** Every limit and time-out of an IMAP session, in one table. */

export interface ImapLimits {
  /** One line of a command, its end included; a longer one ends the session. RFC 2683 section 3.2.1.5 asks for 8,000. */
  readonly lineBytes: number;
  /** A command with the literals that are gathered for it; a message of APPEND is not. */
  readonly commandBytes: number;
  /** The same before login, where nobody is known yet. */
  readonly loginCommandBytes: number;
  /** Literals of one command that are gathered. */
  readonly literals: number;
  /** A line of an AUTHENTICATE exchange. */
  readonly authLineBytes: number;
  /** A message of APPEND. */
  readonly messageBytes: number;
  /** Lists and search keys within one another. */
  readonly depth: number;
  /** Keys of one SEARCH. */
  readonly searchKeys: number;
  /** A text that SEARCH looks for. */
  readonly searchTextBytes: number;
  /** Data items of one FETCH, macros opened. */
  readonly fetchItems: number;
  /** Patterns of one LIST. */
  readonly listPatterns: number;
  /** Attempts to log in that fail, before the session ends. */
  readonly authFailures: number;
  /** Each failure is answered after so long. */
  readonly authFailurePauseMs: number;
  /** Commands answered BAD in a row, before the session ends. */
  readonly badCommands: number;
  /** Silence before login (RFC 9051 section 5.4 lets it be short). */
  readonly loginIdleMs: number;
  /** Silence after login, in IDLE too: at least 30 minutes (RFC 3501 section 5.4). */
  readonly idleMs: number;
  /** How often a session in IDLE hears `* OK Still here`: routers forget quiet connections after 5 minutes. */
  readonly stillHereMs: number;
}

export const imapLimits: ImapLimits = {
  lineBytes: 64 * 1024,
  commandBytes: 256 * 1024,
  loginCommandBytes: 16 * 1024,
  literals: 200,
  authLineBytes: 12_288,
  messageBytes: 50 * 1024 * 1024,
  depth: 50,
  searchKeys: 500,
  searchTextBytes: 1000,
  fetchItems: 100,
  listPatterns: 50,
  authFailures: 3,
  authFailurePauseMs: 2_000,
  badCommands: 20,
  loginIdleMs: 3 * 60_000,
  idleMs: 30 * 60_000,
  stillHereMs: 4 * 60_000,
};
