/** How hard a message's next hop is tried, and how long sessions are kept for the next message: one table. */

export interface NextHopLimits {
  /** Mail exchangers of a domain that are looked up, the best ones first; RFC 5321 section 5.1 asks for two at least. */
  readonly exchangers: number;
  /** Addresses of one server that are tried. */
  readonly addressesOfOne: number;
  /** Addresses in all that are tried for one message. */
  readonly addresses: number;
  /** From the start, in milliseconds: then no other address is begun. */
  readonly tryMs: number;
  /**
   * From the start: then it is over, whatever is under way. With the DNS (a minute) and a last connection it ends before
   * the queue's claim on the message does (40 minutes).
   */
  readonly transmitMs: number;
  /** How long an open session waits for the next message. */
  readonly idleMs: number;
  /** Messages in one session; many servers count them too. */
  readonly messagesPerSession: number;
  /** Sessions with one address at once; more wait. */
  readonly sessionsPerPlace: number;
  readonly waitForSessionMs: number;
  /** Open sessions that wait, in all; the longest waiting go first. */
  readonly idleSessions: number;
  /** At the end: for sessions in use to end, and for QUIT's answers. */
  readonly farewellMs: number;
}

export const nextHopLimits: NextHopLimits = {
  exchangers: 10,
  addressesOfOne: 4,
  addresses: 10,
  tryMs: 5 * 60_000,
  transmitMs: 36 * 60_000,
  idleMs: 10_000,
  messagesPerSession: 100,
  sessionsPerPlace: 20,
  waitForSessionMs: 30_000,
  idleSessions: 200,
  farewellMs: 3_000,
};
