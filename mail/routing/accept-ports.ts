/** What the acceptance of messages stands on. */
import type { Blobs } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Queue } from '../ports/queue.ts';
import type { MailStore } from '../mailbox/mail-store.ts';
import type { RandomBytes } from '../mailbox/types.ts';
import type { CarryLimits } from '../delivery/next-hop/carry-limits.ts';
import type { EmailAddress } from '../message/address.ts';
import type { ScannedMessage } from '../message/scanned-message.ts';
import type { Refusal } from '../smtp/host.ts';
import type { RecipientDirectory } from './directory-port.ts';
import type { DeliverJob, RouteJob } from './jobs.ts';

/** What acceptance asks of the directory beside resolving recipients. */
export interface AcceptDirectory extends RecipientDirectory {
  /** Whether the account may write this address into an envelope or a From field. */
  maySendAs(accountId: string, address: EmailAddress): Promise<boolean>;
  /** Where mail for `<postmaster>` goes; undefined while there is no domain. */
  postmaster(): Promise<EmailAddress | undefined>;
}

/**
 * Files a scanned message, durably: `filed`. `later`: it could not be, or is not for this way; the queue takes it.
 * `refused`: nobody ever will. Never rejects.
 */
export type FileNow = (job: DeliverJob, scanned: ScannedMessage) => Promise<FiledNow>;

export type FiledNow =
  { readonly kind: 'filed' | 'later' } | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface AcceptPorts {
  readonly directory: AcceptDirectory;
  readonly mail: MailStore;
  readonly blobs: Blobs;
  readonly routeQueue: Queue<RouteJob>;
  readonly deliverQueue: Queue<DeliverJob>;
  /** Files a message for one account before it is acknowledged. Without it the deliver queue does, a moment later. */
  readonly fileNow?: FileNow;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: RandomBytes;
  /** What can leave from here; everything, unless given. */
  readonly carries?: CarryLimits;
  /** Whether a canonical address elsewhere gets no more mail from here. */
  readonly isSuppressed?: (address: string) => Promise<boolean>;
  /** What the server calls itself in Received. */
  readonly hostname: string;
}
