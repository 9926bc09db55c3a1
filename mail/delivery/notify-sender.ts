/** Sends the notification of a failure on its way: back into a mailbox here, or held for another server. */
import { createHash } from 'node:crypto';
import { canonicalAddress, parseAddress, type EmailAddress } from '../message/address.ts';
import { BlobMissing, type BlobInfo, type Blobs } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Queue } from '../ports/queue.ts';
import type { Table } from '../ports/table.ts';
import type { RecipientDirectory, Resolution } from '../routing/directory-port.ts';
import type { RouteJob } from '../routing/jobs.ts';
import type { NotifySender } from '../routing/route.ts';
import { incomingBlobKey, mailboxBlobKey, outboundBlobKey } from './blob-key.ts';
import { composeNotification, maxReturnedHeaderBytes, type NotificationOptions } from './notification.ts';
import { holdOutbound } from './outbound.ts';

export interface NotifyPorts {
  readonly directory: RecipientDirectory;
  readonly blobs: Blobs;
  readonly table: Table;
  readonly routeQueue: Queue<RouteJob>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The reporting host. */
  readonly hostname: string;
}

/** The returned function is safe to repeat: the same failures of the same message have one notification. */
export function createNotifySender(ports: NotifyPorts): NotifySender {
  return async ({ messageId, blobKey: original, reversePath, receivedAt, failures }) => {
    const log = ports.log.with({ messageId });
    const failed = failures.map(({ recipient, reason }) => `${recipient} ${reason}`);
    const impossible = (why: string) => {
      ports.metrics.count('notification.impossible');
      log.warn('notification.none', { why, failed });
    };
    // RFC 5321 section 6.1: what has a null reverse-path is never answered. The log's line is all that remains of it.
    if (reversePath === null) return impossible('the message has a null sender');
    const to = parseAddress(reversePath);
    if (to === undefined) return impossible("the sender's address cannot be read");
    const resolution = await ports.directory.resolveRecipient(to);
    const route = whereTo(resolution, new Date(receivedAt));
    if (route === undefined) return impossible(`the sender's own address is ${resolution.kind}`);
    const id = createHash('sha256')
      .update([messageId, ...failed].join('\n'))
      .digest('hex')
      .slice(0, 40);
    const blobKey = route.blobKey(id);
    // Written once: a repeat must not change the bytes of one that was filed.
    const stored =
      (await ports.blobs.head(blobKey)) ??
      (await store(ports, blobKey, {
        hostname: ports.hostname,
        to: reversePath,
        id,
        date: new Date(ports.clock.now()),
        failures,
        arrivedAt: new Date(receivedAt),
        originalHeader: await readHeader(ports.blobs, original),
      }));
    await send(ports, route, { id, to, blobKey, sizeBytes: stored.size });
    ports.metrics.count('notification.sent', { to: route.kind });
    log.info('notification.sent', { notificationId: id, to: route.kind, failed });
  };
}

/** What it begins with: RFC 5321 section 4.4. */
const returnPath = Buffer.from('Return-Path: <>\r\n');

async function store(ports: NotifyPorts, key: string, options: NotificationOptions): Promise<BlobInfo> {
  const bytes = await composeNotification(options);
  const upload = ports.blobs.begin();
  try {
    await upload.write(bytes);
    return await upload.finish({ key, prefix: returnPath });
  } finally {
    await upload.abort();
  }
}

interface Whereto {
  readonly kind: 'here' | 'elsewhere';
  blobKey(id: string): string;
}

function whereTo(resolution: Resolution, receivedAt: Date): Whereto | undefined {
  switch (resolution.kind) {
    case 'account':
      return {
        kind: 'here',
        blobKey: (messageId) => mailboxBlobKey({ ...resolution, receivedAt, messageId }),
      };
    case 'alias':
      return { kind: 'here', blobKey: incomingBlobKey };
    case 'elsewhere':
      return { kind: 'elsewhere', blobKey: outboundBlobKey };
    case 'rejected':
    case 'suspended':
    case 'unknown':
      return undefined;
    default:
      return resolution satisfies never;
  }
}

async function send(
  ports: NotifyPorts,
  { kind }: Whereto,
  sent: {
    readonly id: string;
    readonly to: EmailAddress;
    readonly blobKey: string;
    readonly sizeBytes: number;
  },
): Promise<void> {
  const now = new Date(ports.clock.now());
  if (kind === 'elsewhere')
    return holdOutbound(ports.table, {
      messageId: sent.id,
      recipient: canonicalAddress(sent.to) ?? '',
      reversePath: null,
      blobKey: sent.blobKey,
      sizeBytes: sent.sizeBytes,
      queuedAt: now,
      heldBecause: 'this server has no next hop',
    });
  await ports.routeQueue.send([
    {
      body: {
        messageId: sent.id,
        blobKey: sent.blobKey,
        sizeBytes: sent.sizeBytes,
        envelope: {
          reversePath: null,
          recipients: [{ address: sent.to }],
          body: '8BITMIME',
          smtpUtf8: false,
        },
        receivedAt: now.toISOString(),
        returnPathBytes: returnPath.length,
      },
    },
  ]);
}

/**
 * The header of a stored message with its closing empty line, at most `maxReturnedHeaderBytes`, cut at a line's end.
 * Empty where the bytes are gone: that may be why the message failed.
 */
async function readHeader(blobs: Blobs, key: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of blobs.read(key, { start: 0, end: maxReturnedHeaderBytes })) chunks.push(chunk);
  } catch (fault) {
    if (!(fault instanceof BlobMissing)) throw fault;
  }
  const bytes = Buffer.concat(chunks);
  const end = bytes.indexOf('\r\n\r\n');
  if (end >= 0) return bytes.subarray(0, end + 4);
  const lastLine = bytes.lastIndexOf('\r\n');
  return Buffer.concat([bytes.subarray(0, Math.max(0, lastLine)), Buffer.from('\r\n\r\n')]);
}
