/** Every limit and time-out of a session with another server, in one table. */

/** What a session waits for. */
export type Step =
  | 'greeting'
  | 'hello'
  | 'startTls'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'dataBlock'
  | 'dataEnd'
  | 'reset'
  | 'quit';

export interface SmtpClientLimits {
  /** The longest wait in each step, in milliseconds; the sections are RFC 5321's. */
  readonly waitMs: Readonly<Record<Step, number>>;
  /** For the last words of a server that broke the connection: a 421 or 5yz that came before the end. */
  readonly lastWordsMs: number;
  /** Until the connection stands. No RFC says; the system's own patience is minutes, for each of many addresses. */
  readonly connectMs: number;
  readonly handshakeMs: number;
  /** Of the opening of a session in all: a server that drips is given up. */
  readonly openMs: number;
  /** Of a message in all, until its end is sent. */
  readonly messageMs: number;
  /** A line of a reply, its end aside: section 4.5.3.1.5 allows 512 octets; what is longer is cut. */
  readonly replyLineOctets: number;
  /** Lines of a reply; EHLO's is the longest. */
  readonly replyLines: number;
  /** Octets of a reply, the cut ones included. */
  readonly replyOctets: number;
  /** Octets of a chunk (BDAT), which is held in memory. */
  readonly chunkOctets: number;
}

export const smtpClientLimits: SmtpClientLimits = {
  waitMs: {
    /** Section 4.5.3.2.1. */
    greeting: 5 * 60_000,
    /** Not named there: as for MAIL. */
    hello: 5 * 60_000,
    startTls: 2 * 60_000,
    /** Password hashes and directories take their time. */
    auth: 3 * 60_000,
    /** Section 4.5.3.2.2. */
    mail: 5 * 60_000,
    /** Section 4.5.3.2.3. */
    rcpt: 5 * 60_000,
    /** Section 4.5.3.2.4. */
    data: 2 * 60_000,
    /** Section 4.5.3.2.5: for each block, and for the reply to each chunk but the last. */
    dataBlock: 3 * 60_000,
    /** Section 4.5.3.2.6: an impatient client makes duplicates. */
    dataEnd: 10 * 60_000,
    reset: 60_000,
    quit: 5_000,
  },
  lastWordsMs: 2_000,
  connectMs: 30_000,
  handshakeMs: 30_000,
  openMs: 6 * 60_000,
  messageMs: 20 * 60_000,
  replyLineOctets: 2_000,
  replyLines: 200,
  replyOctets: 65_536,
  chunkOctets: 256 * 1024,
};
