/**
 * NextHop: hands a message to the next server. A smart host, the recipient's MX, or SES. Contract:
 * test/contracts/next-hop.ts.
 */
import type { BodyType, NotifyKeyword, OriginalRecipient } from '../routing/envelope.ts';

/** One message for some recipients of one destination. */
export interface Transmission {
  /** Ours; in every log line. */
  readonly messageId: string;
  /** null for `<>`. */
  readonly reversePath: string | null;
  /** At most 100, each once. */
  readonly recipients: readonly TransmissionRecipient[];
  /** Octets that `read` gives. */
  readonly sizeBytes: number;
  readonly body: BodyType;
  readonly smtpUtf8: boolean;
  readonly ret?: 'FULL' | 'HDRS';
  readonly envid?: string;
  /** The message's bytes as they go out, from the first; may be called again. */
  read(): AsyncIterable<Uint8Array>;
}

export interface TransmissionRecipient {
  readonly address: string;
  readonly notify?: readonly NotifyKeyword[];
  readonly orcpt?: OriginalRecipient;
}

/** What became of one recipient. */
export type RecipientOutcome =
  /** The next server has it. `dsn`: it took over the duty to notify (RFC 3461 section 5.2.2). */
  | { readonly kind: 'sent'; readonly dsn: boolean; readonly said: Said }
  /** Not now: to be tried again. */
  | { readonly kind: 'deferred'; readonly said: Said }
  /** Never. */
  | { readonly kind: 'failed'; readonly said: Said };

/** Why, for the log, the queue's listing and the notification. */
export interface Said {
  /** Enhanced status code (RFC 3463): the other server's own, or ours where it did not come so far. */
  readonly status: string;
  /** The other server's reply, its lines joined by a space; undefined where none came. */
  readonly reply?: string;
  /** What happened, in English, for people. */
  readonly text: string;
  /** Who said it, or could not be reached: `mx.example.org [192.0.2.1]`. */
  readonly remote?: string;
}

/** Where mail for a domain goes. */
export type Destination =
  /** `name` stands for the place: limits and back-off are kept for each. */
  | { readonly kind: 'send'; readonly name: string; readonly hop: NextHop }
  /** No next hop takes it: it waits for an admin, or for a change of the settings. `alarm`: nobody set it up so. */
  | { readonly kind: 'hold'; readonly because: string; readonly alarm?: boolean };

/** What a rule looks at of a message. */
export interface Leaving {
  /** null for `<>`: not every next hop takes it. */
  readonly reversePath: string | null;
}

/** The rules by which a next hop is chosen, in order. */
export interface NextHops {
  /** `domain` is canonical. */
  destinationOf(domain: string, message: Leaving): Destination;
}

export interface NextHop {
  /**
   * One outcome for each recipient, in their order. Never rejects for what another server or the network does; a fault
   * of ours (the bytes cannot be read) rejects, and nothing was sent. `domain` is the recipients'.
   */
  transmit(transmission: Transmission, options: { readonly domain: string }): Promise<TransmitOutcome>;
}

export interface TransmitOutcome {
  readonly outcomes: readonly RecipientOutcome[];
  /** The place itself is away or refuses for now (no connection, `421`): other messages for it need not be tried yet. */
  readonly unavailable: boolean;
}
