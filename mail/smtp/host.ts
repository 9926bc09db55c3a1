/**
 * What the SMTP engine asks of the server it speaks for: who may send, who is here, and where a message goes. The
 * engine knows the protocol only; every decision about mail is behind this port.
 */
import type { Principal } from '../auth/authenticator.ts';
import type { EmailAddress } from '../message/address.ts';
import type { Envelope } from '../routing/envelope.ts';
import type { Connection, TlsSession } from '../wire/engine.ts';

/** `mta`: port 25, from other servers. `msa`: 587 and 465, from our own users (RFC 6409). */
export type Role = 'mta' | 'msa';

/** What is known of the client when it sends a message: for decisions, the Received field and the log. */
export interface SmtpClient {
  readonly role: Role;
  readonly connection: Connection;
  /** What it called itself in EHLO or HELO; not verified. At most 255 octets, printable. */
  readonly helo: string;
  /** EHLO rather than HELO: "with ESMTP" and its kin (RFC 3848). */
  readonly extended: boolean;
  readonly tls?: TlsSession;
  /** Whom it authenticated as; always there in the role `msa`. */
  readonly principal?: Principal;
}

/** RFC 5321's Forward-path; `postmaster` is `<Postmaster>` without a domain, which every server takes (section 4.5.1). */
export type ForwardPath =
  { readonly kind: 'mailbox'; readonly address: EmailAddress } | { readonly kind: 'postmaster' };

/**
 * Why the host refuses. The reply's code and text are the engine's (`refusal.ts`); `detail`, where there is one, is a
 * short English clause for the remote human and goes into the reply.
 *
 * At MAIL:
 * - `senderNotOwn`: an authenticated user may send only as themselves (553 5.7.1).
 * - `senderSuspended`: the authenticated account may not send now (550 5.7.1).
 * At RCPT:
 * - `unknownRecipient`: nobody of that name here (550 5.1.1).
 * - `relayDenied`: the domain is elsewhere, and this client may not relay (550 5.7.1).
 * - `notRelayed`: the domain is elsewhere, and an address literal: no mail is sent on there (550 5.1.2).
 * - `recipientSuspended`: the mailbox is disabled (550 5.2.1).
 * - `recipientRejects`: the address is set up to refuse mail (550 5.7.1).
 * - `recipientNeedsUtf8`: an internationalized address without SMTPUTF8 (553 5.6.7).
 * - `onwardNotAscii`: elsewhere, and mail goes there by a way that takes only ASCII local parts (553 5.6.7).
 * - `recipientSuppressed`: elsewhere, and gets no more mail from here (550 5.7.1).
 * - `notForwarded`: it leads elsewhere, and mail of other senders cannot be sent on (550 5.7.1).
 * At RCPT or at the end of the data:
 * - `mailboxFull`: over quota for now (452 4.2.2), or `permanent`, larger than the whole quota (552 5.2.3).
 * - `tooManyRecipients`: more than the host takes in one message (452 4.5.3).
 * - `tooLarge`: more octets than the host or a recipient takes (552 5.3.4).
 * At the end of the data:
 * - `tooManyHops`: the message loops (554 5.4.6).
 * - `badMessage`: its header breaks a rule that cannot be forgiven (554 5.6.0).
 * - `fromNotOwn`: an authenticated user's From is another's (550 5.7.1).
 * - `policy`: refused by a rule of this server or of the author's domain (550 5.7.1).
 * Anywhere:
 * - `storageFull`: no room on this server for now (452 4.3.1).
 * - `unavailable`: something this needs does not answer for now (451 4.3.0).
 */
export type Refusal =
  | { readonly kind: 'senderNotOwn' }
  | { readonly kind: 'senderSuspended' }
  | { readonly kind: 'unknownRecipient' }
  | { readonly kind: 'relayDenied' }
  | { readonly kind: 'notRelayed' }
  | { readonly kind: 'recipientSuspended' }
  | { readonly kind: 'recipientRejects'; readonly detail?: string }
  | { readonly kind: 'recipientNeedsUtf8' }
  | { readonly kind: 'onwardNotAscii' }
  | { readonly kind: 'recipientSuppressed' }
  | { readonly kind: 'notForwarded' }
  | { readonly kind: 'mailboxFull'; readonly permanent: boolean }
  | { readonly kind: 'tooManyRecipients' }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'tooManyHops' }
  | { readonly kind: 'badMessage'; readonly detail: string }
  | { readonly kind: 'fromNotOwn' }
  | { readonly kind: 'policy'; readonly detail: string }
  | { readonly kind: 'storageFull' }
  | { readonly kind: 'unavailable' };

/** The answer to MAIL. */
export type SenderVerdict = { readonly kind: 'ok' } | Refusal;

/** The answer to RCPT; `address` is what goes into the envelope: as written, or postmaster's where no domain was given. */
export type RecipientVerdict = { readonly kind: 'ok'; readonly address: EmailAddress } | Refusal;

/**
 * The answer to the whole message. `queued`: it is durable and this server's to deliver; `id` names it in every log,
 * `msgId` is what its Message-ID field says.
 */
export type Acceptance = { readonly kind: 'queued'; readonly id: string; readonly msgId?: string } | Refusal;

/** What is known of the transaction when a path is checked. */
export interface Transaction {
  readonly client: SmtpClient;
  /** null for `<>`. */
  readonly reversePath: EmailAddress | null;
  readonly smtpUtf8: boolean;
  /** MAIL's SIZE, in octets. */
  readonly declaredBytes?: number;
  /** Recipients accepted so far. */
  readonly recipientCount: number;
}

/** A message coming in. Exactly one of `finish` and `abort` ends it. */
export interface Incoming {
  /** The next bytes, dots already unstuffed, every line end CRLF; may keep the array. Waited for: slowness pushes back. */
  write(bytes: Uint8Array): Promise<void>;
  /** The data is whole: check, store, queue. Resolves to `queued` only when both are durable. */
  finish(): Promise<Acceptance>;
  /** Nothing is kept. Never called after `finish`; safe after a `write` that failed. */
  abort(): Promise<void>;
}

/** A method that rejects is a fault: the client reads `451 4.3.0` and may try again, the admin reads a log line. */
export interface SmtpHost {
  /** MAIL FROM. The null reverse-path is asked for too (always accepted in the role `mta`). */
  checkSender(transaction: Transaction): Promise<SenderVerdict>;
  /** RCPT TO. */
  checkRecipient(path: ForwardPath, transaction: Transaction): Promise<RecipientVerdict>;
  /** DATA or the first BDAT, before any byte: a `Refusal` is answered at once. */
  begin(
    envelope: Envelope,
    client: SmtpClient,
  ): Promise<{ readonly kind: 'ok'; readonly incoming: Incoming } | Refusal>;
}
