/** The envelope of a message (RFC 5321 section 2.3.1): who sends it and who is to get it. Plain JSON: it goes into jobs. */
import type { EmailAddress } from '../message/address.ts';

/** What the message's lines may hold: RFC 6152 (7BIT, 8BITMIME), RFC 3030 (BINARYMIME, not advertised yet). */
export type BodyType = '7BIT' | '8BITMIME' | 'BINARYMIME';

/** When a recipient's sender wants to hear (RFC 3461 section 4.1); `NEVER` stands alone. */
export type NotifyKeyword = 'NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY';

/** The recipient as the message's first sender wrote it (RFC 3461 section 4.2), xtext decoded. */
export interface OriginalRecipient {
  /** `rfc822`, `utf-8` … */
  readonly addressType: string;
  readonly address: string;
}

export interface EnvelopeRecipient {
  readonly address: EmailAddress;
  /** DSN's NOTIFY; without it FAILURE and DELAY are meant. */
  readonly notify?: readonly NotifyKeyword[];
  /** DSN's ORCPT. */
  readonly orcpt?: OriginalRecipient;
}

export interface Envelope {
  /** Where notifications go; null for `<>`: none may be sent. */
  readonly reversePath: EmailAddress | null;
  /** One or more, each once, in the order in which they were given. */
  readonly recipients: readonly EnvelopeRecipient[];
  readonly body: BodyType;
  /** Sent with SMTPUTF8 (RFC 6531): it may be handed on only to servers and mailboxes that take it. */
  readonly smtpUtf8: boolean;
  /** What MAIL's SIZE declared (RFC 1870), in octets: an estimate. */
  readonly declaredBytes?: number;
  /** DSN's RET: how much of the message comes back in a failure notification. */
  readonly ret?: 'FULL' | 'HDRS';
  /** DSN's ENVID, xtext decoded. */
  readonly envid?: string;
}
