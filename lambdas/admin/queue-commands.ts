/** The admin's commands for mail on its way to other servers. */
import { z } from 'zod';
import {
  holdOutbound,
  listOutbound,
  releaseOutbound,
  removeOutbound,
  retryOutbound,
  type Administered,
  type AdministerPorts,
  type WhichOutbound,
} from '../../mail/delivery/outbound/administer.ts';
import { readOutbound } from '../../mail/delivery/outbound/outbound-queue.ts';
import type { OutboundRecipient, OutboundState } from '../../mail/delivery/outbound/outbound-recipient.ts';
import { refuse, type Refused } from '../../mail/directory/refused.ts';
import type { Log } from '../../mail/ports/log.ts';
import { adminCommand, textInput } from './command.ts';

export interface QueuePorts extends AdministerPorts {
  readonly log: Log;
}

/** A recipient on another server as an admin is shown it. Dates are ISO 8601, UTC; null: there is none. */
export interface OutboundSummary {
  readonly messageId: string;
  readonly recipient: string;
  /** null: a notification. */
  readonly sender: string | null;
  /** `sending`: somebody is at it just now. */
  readonly state: OutboundState | 'sending';
  readonly queuedAt: string;
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  readonly sizeBytes: number;
  readonly status: string | null;
  /** What happened last, with the other server's reply. */
  readonly last: string | null;
  readonly remote: string | null;
  readonly heldBecause: string | null;
  readonly endedAt: string | null;
}

export function summarizeOutbound(entry: OutboundRecipient): OutboundSummary {
  const { messageId, recipient, reversePath, state, attempts, sizeBytes, last, claimedBy } = entry;
  const waiting = state === 'waiting';
  const sending = waiting && claimedBy !== undefined;
  return {
    messageId,
    recipient,
    sender: reversePath,
    state: sending ? 'sending' : state,
    queuedAt: isoOf(entry.queuedAtMs),
    attempts,
    nextAttemptAt: waiting && !sending ? isoOf(entry.dueAtMs) : null,
    sizeBytes,
    status: last?.status ?? null,
    last: last?.reply ?? last?.text ?? null,
    remote: last?.remote ?? null,
    heldBecause: entry.heldBecause ?? null,
    endedAt: entry.endedAtMs === undefined ? null : isoOf(entry.endedAtMs),
  };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** `queue list`: a page of what waits or is held; ask again with `after: next` until there is none. */
export const queueList = adminCommand({
  name: 'queue list',
  input: z.strictObject({
    state: z.enum(['waiting', 'held']).optional(),
    after: textInput.optional(),
    limit: z.int().min(1).max(10_000).default(1000),
  }),
  subject: ({ state }) => state,
  async run({ table }: QueuePorts, { state, after, limit }) {
    const states = state === undefined ? (['waiting', 'held'] as const) : [state];
    const page = await listOutbound(table, { states, limit, ...(after === undefined ? {} : { after }) });
    return {
      kind: 'done',
      recipients: page.entries.map(summarizeOutbound),
      next: page.next ?? null,
    } as const;
  },
});

const whichInput = z.strictObject({ messageId: textInput, recipient: textInput.optional() });

/** `queue show`: all recipients of a message on other servers, up to 30 days after their end. */
export const queueShow = adminCommand({
  name: 'queue show',
  input: z.strictObject({ messageId: textInput }),
  subject: ({ messageId }) => messageId,
  async run({ table }: QueuePorts, { messageId }) {
    const recipients = await readOutbound(table, messageId);
    return recipients.length === 0
      ? noSuchMessage({ messageId })
      : ({ kind: 'done', recipients: recipients.map(summarizeOutbound) } as const);
  },
});

/** `queue retry`: now, whatever its pause. */
export const queueRetry = changing('queue retry', whichInput, (ports: QueuePorts, which) =>
  retryOutbound(ports, which),
);

/** `queue hold`: until it is released. */
export const queueHold = changing(
  'queue hold',
  whichInput.extend({ because: textInput.default('an administrator holds it') }),
  (ports: QueuePorts, which) => holdOutbound(ports, which),
);

/** `queue release`: what was held is due now. */
export const queueRelease = changing('queue release', whichInput, (ports: QueuePorts, which) =>
  releaseOutbound(ports, which),
);

/** `queue remove`: it is not sent any more; its sender is told, unless `silent`. */
export const queueRemove = changing(
  'queue remove',
  whichInput.extend({ silent: z.boolean().default(false) }),
  (ports: QueuePorts, which) => removeOutbound(ports, which),
);

/** What a command did: to whom, and why some stayed as they are. */
export interface QueueChanged {
  readonly kind: 'done';
  readonly recipients: readonly (OutboundSummary & { readonly outcome: Administered['outcome'] })[];
}

function changing<Schema extends z.ZodType<WhichOutbound>>(
  name: string,
  input: Schema,
  run: (ports: QueuePorts, which: z.output<Schema>) => Promise<readonly Administered[]>,
) {
  return adminCommand({
    name,
    input,
    subject: ({ messageId }: WhichOutbound) => messageId,
    async run(ports: QueuePorts, which): Promise<QueueChanged | Refused> {
      const done = await run(ports, which);
      if (done.length === 0) return noSuchMessage(which);
      return {
        kind: 'done',
        recipients: done.map(({ entry, outcome }) => ({ ...summarizeOutbound(entry), outcome })),
      };
    },
  });
}

function noSuchMessage({ messageId, recipient }: WhichOutbound): Refused {
  const what = recipient === undefined ? messageId : `${messageId} for ${recipient}`;
  return refuse(
    `No message ${what} is on its way to another server, or was in the last 30 days.`,
    `posta queue list shows what waits; posta message trace ${messageId} what became of a message.`,
  );
}
