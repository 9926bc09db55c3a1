/** Notifications sent by the real sender of them, over blobs on the disk; the directory and both ways out are fakes. */
import assert from 'node:assert/strict';
import { createNotifySender, type OutsideNotification } from '../../../mail/delivery/notify-sender.ts';
import type { RecipientReport, Told } from '../../../mail/delivery/report.ts';
import type { Blobs } from '../../../mail/ports/blobs.ts';
import type { Queue } from '../../../mail/ports/queue.ts';
import type { Resolution } from '../../../mail/routing/directory-port.ts';
import type { RouteJob } from '../../../mail/routing/jobs.ts';
import { ManualClock } from '../../contracts/manual-clock.ts';
import { recordingLog } from '../../contracts/recording-log.ts';
import { temporaryBlobs, type OpenedBlobs } from '../../drivers/embedded/temporary-blobs.ts';
import { readNotification, type ReadNotification } from './read-notification.ts';

export const returnPath = 'Return-Path: <ann@example.test>\r\n';
export const original = [
  'From: ann@example.test',
  'Message-ID:',
  ' <one@client.test>',
  'Subject: hi',
  '',
  'Text.',
  '',
].join('\r\n');

const resolutions: Readonly<Record<string, Resolution>> = {
  ann: { kind: 'account', accountId: 'a1', address: 'ann@example.test' },
  team: { kind: 'alias', targets: ['ann@example.test'] },
  left: { kind: 'suspended' },
};

export class NotifyKit implements AsyncDisposable {
  readonly opened: OpenedBlobs;
  readonly clock = new ManualClock('2026-11-24T10:00:00Z');
  readonly log = recordingLog();
  /** What was sent, to mailboxes here and to outside, in order. */
  readonly here: RouteJob[] = [];
  readonly outside: OutsideNotification[] = [];
  hostname = 'mx.example.test';
  maxReturnedBytes: number | undefined;

  private constructor(opened: OpenedBlobs) {
    this.opened = opened;
  }

  /** With a message at the key `original`. */
  static async open(message: string | Buffer = original): Promise<NotifyKit> {
    const kit = new NotifyKit(await temporaryBlobs());
    const upload = kit.opened.blobs.begin();
    await upload.write(Buffer.from(message));
    await upload.finish({ key: 'original', prefix: Buffer.from(returnPath) });
    return kit;
  }

  /** Tells reports of that message. */
  async tell(
    reports: readonly RecipientReport[],
    changes: Partial<Told> = {},
    blobs: Blobs = this.opened.blobs,
  ): Promise<void> {
    const notifySender = createNotifySender({
      directory: {
        resolveRecipient: async ({ localPart, domain }) =>
          domain === 'example.test' ? (resolutions[localPart] ?? { kind: 'unknown' }) : { kind: 'elsewhere' },
      },
      blobs,
      routeQueue: {
        send: async (jobs) => void this.here.push(...jobs.map(({ body }) => body)),
      } as Queue<RouteJob>,
      sendOutside: async (notification) => void this.outside.push(notification),
      clock: this.clock,
      log: this.log,
      metrics: { count: () => {}, gauge: () => {}, timeMs: () => {} },
      hostname: this.hostname,
      ...(this.maxReturnedBytes === undefined ? {} : { maxReturnedBytes: this.maxReturnedBytes }),
    });
    await notifySender({
      messageId: 'm1',
      blobKey: 'original',
      returnPathBytes: returnPath.length,
      reversePath: 'ann@example.test',
      receivedAt: '2026-11-24T09:59:00Z',
      reports,
      ...changes,
    });
  }

  async bytesOf(key: string): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.opened.blobs.read(key)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /** The notifications in mailboxes here, without their Return-Path. */
  async notifications(): Promise<readonly ReadNotification[]> {
    return Promise.all(
      this.here.map(async ({ blobKey, returnPathBytes, sizeBytes, envelope }) => {
        const bytes = await this.bytesOf(blobKey);
        assert.equal(bytes.length, sizeBytes);
        assert.equal(bytes.toString('latin1', 0, returnPathBytes), 'Return-Path: <>\r\n');
        assert.equal(envelope.reversePath, null);
        return readNotification(bytes.subarray(returnPathBytes));
      }),
    );
  }

  /** The only one. */
  async notification(): Promise<ReadNotification> {
    const [only, ...more] = await this.notifications();
    assert.ok(only && more.length === 0, `${more.length + 1} notifications`);
    return only;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.opened[Symbol.asyncDispose]();
  }
}

/** A report with what does not matter to the test filled in. */
export function report(changes: Partial<RecipientReport> = {}): RecipientReport {
  return {
    recipient: 'gone@example.test',
    action: 'failed',
    status: '5.1.1',
    text: 'There is no such address here.',
    ...changes,
  };
}

/** What `kit` sends for these reports of a message: the only notification. */
export async function notificationOf(
  reports: readonly RecipientReport[],
  { message = original, ...changes }: Partial<Told> & { readonly message?: string | Buffer } = {},
): Promise<ReadNotification> {
  await using kit = await NotifyKit.open(message);
  await kit.tell(reports, changes);
  return kit.notification();
}
