/** What a sender is told of a recipient (RFC 3464 section 2.3), and whether it asked for that (RFC 3461 section 4.1). */
import type { NotifyKeyword } from '../routing/envelope.ts';
import type { WrittenRecipient } from '../routing/jobs.ts';

/**
 * What was done for a recipient (RFC 3464 section 2.3.3):
 * - `failed`: it will not get the message.
 * - `delayed`: it does not have it yet, and is tried again.
 * - `delivered`: it is in its mailbox here.
 * - `relayed`: another server has it, and will not tell of its delivery.
 * - `expanded`: the address stands for several, and they are being served.
 */
export type Action = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';

export interface RecipientReport extends WrittenRecipient {
  readonly action: Action;
  /** Enhanced status code, RFC 3463. */
  readonly status: string;
  /** What happened and, where something can be done, what: for people, in English. */
  readonly text: string;
  /** The other server's reply, where one came; its lines joined by a space. */
  readonly reply?: string;
  /** Who gave it, or could not be reached: `mx.example.org [192.0.2.1]`. */
  readonly remote?: string;
  /** Only where the attempt's own time is known (RFC 3464 section 2.3.7). */
  readonly lastAttemptAt?: Date;
  /** Of `delayed`. */
  readonly willRetryUntil?: Date;
}

/** A message, and what is to be told of some of its recipients. */
export interface Told {
  readonly messageId: string;
  readonly blobKey: string;
  /** Octets of the Return-Path field that the blob begins with: ours, they do not go back. */
  readonly returnPathBytes: number;
  /** Who is told; null for nobody. */
  readonly reversePath: string | null;
  /** ISO 8601. */
  readonly receivedAt: string;
  readonly envid?: string;
  readonly ret?: 'FULL' | 'HDRS';
  readonly reports: readonly RecipientReport[];
}

/**
 * Tells the sender of a message what became of it: one notification for each action, with those reports that the
 * recipients' NOTIFY asks for. Safe to repeat: the same told again changes nothing and is told once. Resolves when what
 * it sends is durable.
 */
export type NotifySender = (told: Told) => Promise<void>;

/** RFC 3461 section 4.1: without NOTIFY, FAILURE and DELAY are meant. */
const byDefault: readonly NotifyKeyword[] = ['FAILURE', 'DELAY'];

const keywordOf: Readonly<Record<Action, NotifyKeyword>> = {
  failed: 'FAILURE',
  delayed: 'DELAY',
  delivered: 'SUCCESS',
  relayed: 'SUCCESS',
  expanded: 'SUCCESS',
};

/** Whether the recipient's sender asked to hear of that. */
export function asksFor({ notify = byDefault }: Pick<WrittenRecipient, 'notify'>, action: Action): boolean {
  return notify.includes(keywordOf[action]);
}

/** It was filed; `at`, where that is known. */
export function reportDelivered(recipient: WrittenRecipient, at?: Date): RecipientReport {
  const text = 'It is in the mailbox.';
  const attempt = at === undefined ? {} : { lastAttemptAt: at };
  return { ...written(recipient), action: 'delivered', status: '2.0.0', text, ...attempt };
}

/** It was passed on to all that its address stands for. */
export function reportExpanded(recipient: WrittenRecipient): RecipientReport {
  const text = 'This address stands for several recipients. The message was passed on to them.';
  return { ...written(recipient), action: 'expanded', status: '2.0.0', text };
}

/** Of something that has more, only what names the recipient. */
export function written({ recipient, notify, orcpt }: WrittenRecipient): WrittenRecipient {
  return {
    recipient,
    ...(notify === undefined ? {} : { notify }),
    ...(orcpt === undefined ? {} : { orcpt }),
  };
}
