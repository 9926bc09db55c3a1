/** What the acceptance of messages stands on. */
import type { Blobs } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Queue } from '../ports/queue.ts';
import type { MailStore } from '../mailbox/mail-store.ts';
import type { RandomBytes } from '../mailbox/types.ts';
import type { CarryLimits } from '../delivery/next-hop/carry-limits.ts';
import type { EmailAddress } from '../message/address.ts';
import type { RecipientDirectory } from './directory-port.ts';
import type { DeliverJob, RouteJob } from './jobs.ts';

/** What acceptance asks of the directory beside resolving recipients. */
export interface AcceptDirectory extends RecipientDirectory {
  /** Whether the account may write this address into an envelope or a From field. */
  maySendAs(accountId: string, address: EmailAddress): Promise<boolean>;
  /** Where mail for `<postmaster>` goes; undefined while there is no domain. */
  postmaster(): Promise<EmailAddress | undefined>;
}

export interface AcceptPorts {
  readonly directory: AcceptDirectory;
  readonly mail: MailStore;
  readonly blobs: Blobs;
  readonly routeQueue: Queue<RouteJob>;
  readonly deliverQueue: Queue<DeliverJob>;
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
