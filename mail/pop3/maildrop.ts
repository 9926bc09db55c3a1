/**
 * What the POP3 engine asks of the server it speaks for: one account's messages, locked for one session (RFC 1939
 * section 4). The engine knows the protocol only; where mail is kept is behind this port.
 */
import type { Principal } from '../auth/authenticator.ts';

/** One message as it stood at login. */
export interface MaildropMessage {
  /** Never another message's, and the same in every session: 1 to 70 of `!` to `~` (RFC 1939 section 7). */
  readonly uidl: string;
  /** Octets as stored, which LIST shows; what goes over the wire may have stuffed dots and a last CRLF more. */
  readonly sizeBytes: number;
}

/** A maildrop that is open and locked. What is in it does not change; what others take out meanwhile fails to `read`. */
export interface Maildrop {
  readonly kind: 'open';
  /** In the order of their arrival: message 1 of the protocol has the index 0. */
  readonly messages: readonly MaildropMessage[];
  /** The message's bytes, exactly as stored, read as they are asked for. A fault throws. */
  read(index: number): AsyncIterable<Uint8Array>;
  /**
   * The UPDATE state: deletes these messages. `done`: none of them is there any more, and that survives a power
   * failure. `some`: not all could be deleted, or none (the lock was lost). A fault rejects: nobody knows.
   */
  commit(deleted: readonly number[]): Promise<'done' | 'some'>;
  /** Gives lock and messages back; nothing is deleted by it. Called once for each maildrop, last. */
  release(): Promise<void>;
}

/**
 * How a maildrop did not open.
 * - `inUse`: another session holds its lock (RFC 2449 section 8.1.1).
 * - `gone`: the account has none any more, and trying again does not help.
 */
export type NoMaildrop = { readonly kind: 'inUse' } | { readonly kind: 'gone' };

export interface MaildropHost {
  /** Opens and locks the maildrop of whoever has just logged in. A fault rejects. */
  open(principal: Principal): Promise<Maildrop | NoMaildrop>;
}
