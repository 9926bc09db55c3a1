/** Tells senders what became of their mail: a notification goes back into a mailbox here, or to another server. */
import { createHash } from 'node:crypto';
import { needsUtf8, parseAddress, type EmailAddress } from '../message/address.ts';
import type { Blobs, StoredBlob } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Queue } from '../ports/queue.ts';
import type { RecipientDirectory, Resolution } from '../routing/directory-port.ts';
import type { RouteJob } from '../routing/jobs.ts';
import { incomingBlobKey, mailboxBlobKey, outboundBlobKey } from './blob-key.ts';
import { frameNotification } from './notification.ts';
import { asksFor, type Action, type NotifySender, type RecipientReport, type Told } from './report.ts';
import { copyOriginal, maxReturnedMessageBytes } from './returned-original.ts';

/** A notification for a sender on another server; its reverse-path is null. */
export interface OutsideNotification {
  /** Its own id. */
  readonly messageId: string;
  /** The original's reverse-path, as it is written. */
  readonly recipient: EmailAddress;
  /** Without a Return-Path field. */
  readonly blobKey: string;
  readonly sizeBytes: number;
  readonly body: '8BITMIME';
  readonly smtpUtf8: boolean;
  readonly queuedAt: Date;
}

export interface NotifyPorts {
  readonly directory: RecipientDirectory;
  readonly blobs: Blobs;
  readonly routeQueue: Queue<RouteJob>;
  /** Sends it on its way, durably; the same id again changes nothing. */
  readonly sendOutside: (notification: OutsideNotification) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The reporting host. */
  readonly hostname: string;
  /** `maxReturnedMessageBytes` unless given. */
  readonly maxReturnedBytes?: number;
}

/** So many recipients are at most half a megabyte of text and fields. */
const maxReports = 100;

export function createNotifySender(ports: NotifyPorts): NotifySender {
  const { log, metrics } = ports;
  return async (told) => {
    const { messageId } = told;
    const asked = told.reports.filter((report) => asksFor(report, report.action));
    // RFC 3461 section 5.2.6 (b): what is left of a failure that its sender does not want to hear of.
    const unasked = failuresOf(told.reports.filter((report) => !asked.includes(report)));
    if (unasked.length > 0) log.info('notification.unasked', { messageId, failed: unasked });
    if (asked.length === 0) return;
    const route = await routeTo(ports, told);
    if (route.kind === 'none') {
      const failed = failuresOf(asked);
      if (failed.length === 0) return;
      metrics.count('notification.impossible');
      log.warn('notification.none', { messageId, why: route.why, failed });
      return;
    }
    for (const [action, reports] of Map.groupBy(asked, (report) => report.action))
      for (let at = 0; at < reports.length; at += maxReports)
        await send(ports, { told, route, action, reports: reports.slice(at, at + maxReports) });
  };
}

function failuresOf(reports: readonly RecipientReport[]): readonly string[] {
  return reports.filter(({ action }) => action === 'failed').map(nameOf);
}

const nameOf = ({ recipient, status }: RecipientReport) => `${recipient} ${status}`;

interface Route {
  readonly kind: 'here' | 'elsewhere';
  readonly to: EmailAddress;
  blobKey(id: string): string;
}

type NoRoute = { readonly kind: 'none'; readonly why: string };

async function routeTo(
  { directory }: NotifyPorts,
  { reversePath, receivedAt }: Told,
): Promise<Route | NoRoute> {
  // RFC 5321 section 6.1: what has a null reverse-path is never answered.
  if (reversePath === null) return { kind: 'none', why: 'the message has a null sender' };
  const to = parseAddress(reversePath);
  if (to === undefined) return { kind: 'none', why: "the sender's address cannot be read" };
  const resolution = await directory.resolveRecipient(to);
  const place = placeOf(resolution, new Date(receivedAt));
  if (place === undefined) return { kind: 'none', why: `the sender's own address is ${resolution.kind}` };
  return { ...place, to };
}

function placeOf(resolution: Resolution, receivedAt: Date): Omit<Route, 'to'> | undefined {
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

/** One notification: what is told, and how it goes. */
interface Notification {
  readonly told: Told;
  readonly route: Route;
  readonly action: Action;
  readonly reports: readonly RecipientReport[];
}

async function send(ports: NotifyPorts, notification: Notification): Promise<void> {
  const { told, route, action, reports } = notification;
  const id = idOf(notification);
  const blobKey = route.blobKey(id);
  // Written once: a repeat must not change the bytes of one that was filed.
  const { size } = (await ports.blobs.head(blobKey)) ?? (await store(ports, notification, { id, blobKey }));
  await handOn(ports, route, { messageId: id, blobKey, sizeBytes: size });
  ports.metrics.count('notification.sent', { to: route.kind, action });
  ports.log.info('notification.sent', {
    messageId: told.messageId,
    notificationId: id,
    to: route.kind,
    action,
    recipients: reports.map(nameOf),
  });
}

/** The same told again is the same notification. Neither words nor times count: they may differ at a repeat. */
function idOf({ told, action, reports }: Notification): string {
  const named = [told.messageId, action, ...reports.map(nameOf)].join('\n');
  return createHash('sha256').update(named).digest('hex').slice(0, 40);
}

/** What it begins with in a mailbox: RFC 5321 section 4.4. */
const returnPath = Buffer.from('Return-Path: <>\r\n');

/** Flat in memory: the original flows into the upload, and what stands before it is put there at the end. */
async function store(
  ports: NotifyPorts,
  { told, route, action, reports }: Notification,
  { id, blobKey }: { readonly id: string; readonly blobKey: string },
): Promise<StoredBlob> {
  const upload = ports.blobs.begin();
  try {
    const whole = action === 'failed' && told.ret === 'FULL';
    const maxMessageBytes = ports.maxReturnedBytes ?? maxReturnedMessageBytes;
    const returned = await copyOriginal(ports.blobs, { ...told, whole, maxMessageBytes }, upload);
    const { before, after } = frameNotification({
      hostname: ports.hostname,
      to: told.reversePath ?? '',
      id,
      date: new Date(ports.clock.now()),
      action,
      reports,
      messageId: told.messageId,
      ...(told.envid === undefined ? {} : { envid: told.envid }),
      arrivedAt: new Date(told.receivedAt),
      returned,
    });
    await upload.write(after);
    const prefix = route.kind === 'here' ? Buffer.concat([returnPath, before]) : before;
    return await upload.finish({ key: blobKey, prefix });
  } finally {
    await upload.abort();
  }
}

async function handOn(
  ports: NotifyPorts,
  { kind, to }: Route,
  stored: { readonly messageId: string; readonly blobKey: string; readonly sizeBytes: number },
): Promise<void> {
  const now = new Date(ports.clock.now());
  const smtpUtf8 = needsUtf8(to);
  if (kind === 'elsewhere')
    return ports.sendOutside({ ...stored, recipient: to, body: '8BITMIME', smtpUtf8, queuedAt: now });
  const envelope = { reversePath: null, recipients: [{ address: to }], body: '8BITMIME', smtpUtf8 } as const;
  await ports.routeQueue.send([
    {
      body: { ...stored, envelope, receivedAt: now.toISOString(), returnPathBytes: returnPath.length },
    },
  ]);
}
