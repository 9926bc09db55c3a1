/** The jobs that take a message from the listener to its mailboxes. Plain JSON; the bytes stay in Blobs. */
import type { Envelope, NotifyKeyword, OriginalRecipient } from './envelope.ts';

/** A message that a listener accepted, or that Posta itself sends: decide where it goes. */
export interface RouteJob {
  readonly messageId: string;
  readonly blobKey: string;
  readonly sizeBytes: number;
  readonly envelope: Envelope;
  /** ISO 8601. */
  readonly receivedAt: string;
  /** Octets of the Return-Path field that the blob begins with: ours for a mailbox, not for another server. */
  readonly returnPathBytes: number;
  /** Addresses that the message says it was forwarded for (`Delivered-To`), canonical. */
  readonly passed?: readonly string[];
}

/** A recipient as its sender wrote it, and what the sender wants to hear of it (RFC 3461). */
export interface WrittenRecipient {
  readonly recipient: string;
  /** Never empty; without it FAILURE and DELAY are meant. */
  readonly notify?: readonly NotifyKeyword[];
  readonly orcpt?: OriginalRecipient;
}

/** One message for one account. */
export interface DeliverJob {
  readonly messageId: string;
  readonly blobKey: string;
  readonly sizeBytes: number;
  readonly accountId: string;
  /** The account's address: a part of the key under which its mail is stored. */
  readonly accountAddress: string;
  /** Those through which the account is reached, one or more: for notifications. */
  readonly recipients: readonly WrittenRecipient[];
  /** Where a notification goes; null for none. */
  readonly reversePath: string | null;
  /** ISO 8601. */
  readonly receivedAt: string;
  /** As in `RouteJob`. */
  readonly returnPathBytes: number;
  readonly ret?: 'FULL' | 'HDRS';
  readonly envid?: string;
}
