/** The functions route and deliver over a table and blobs, with queues in memory; processes that may be killed. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { systemClock } from '../../../drivers/system/clock.ts';
import { deliverAsideEvent, deliverEvent } from '../../../lambdas/deliver/deliver-event.ts';
import { routeBatch } from '../../../lambdas/route/route-batch.ts';
import { PasswordHasher } from '../../../mail/auth/password.ts';
import type { RelayJob } from '../../../mail/delivery/outbound/relay-job.ts';
import { readOutbound } from '../../../mail/delivery/outbound/outbound-queue.ts';
import { addAccount } from '../../../mail/directory/change-account.ts';
import { addAlias } from '../../../mail/directory/change-alias.ts';
import { addDomain } from '../../../mail/directory/change-domain.ts';
import { Directory } from '../../../mail/directory/directory.ts';
import type { DirectoryPorts } from '../../../mail/directory/directory-ports.ts';
import { isRefused } from '../../../mail/directory/refused.ts';
import { createMailStore } from '../../../mail/mailbox/create-mail-store.ts';
import { newId } from '../../../mail/mailbox/types.ts';
import { parseAddress } from '../../../mail/message/address.ts';
import type { Blobs } from '../../../mail/ports/blobs.ts';
import type { Table } from '../../../mail/ports/table.ts';
import type { DeliverJob, RouteJob } from '../../../mail/routing/jobs.ts';
import { RecordingWake, silentLog } from '../../mail/mailbox/mail-kit.ts';
import { Fuse, type Kill } from './fuse.ts';
import { MemoryQueue } from './memory-queue.ts';
import { randomBytes } from 'node:crypto';

const random = (size: number) => randomBytes(size);
const metrics = { count: () => {}, gauge: () => {}, timeMs: () => {} };
const clock = systemClock();

export interface Storage {
  readonly table: Table;
  readonly blobs: Blobs;
}

type Handler = (event: SQSEvent) => Promise<SQSBatchResponse>;

export class World {
  readonly storage: Storage;
  readonly domain: string;
  readonly queues = {
    route: new MemoryQueue<RouteJob>('route'),
    deliver: new MemoryQueue<DeliverJob>('deliver'),
    deliverAside: new MemoryQueue<DeliverJob>('deliver-aside'),
    relay: new MemoryQueue<RelayJob>('relay'),
  };

  private constructor(storage: Storage, domain: string) {
    this.storage = storage;
    this.domain = domain;
  }

  /** With ann and bob, `both` for the two, `away` elsewhere, and full, whose mailbox takes nothing; and a sender here. */
  static async open(storage: Storage, domain: string): Promise<World> {
    const world = new World(storage, domain);
    const admin = world.#admin();
    ok(await addDomain(admin, domain));
    for (const name of ['ann', 'bob', 'full', 'sender'])
      ok(
        await addAccount(admin, {
          address: `${name}@${domain}`,
          quotaBytes: name === 'full' ? 10 : undefined,
        }),
      );
    ok(await addAlias(admin, { address: `both@${domain}`, targets: [`ann@${domain}`, `bob@${domain}`] }));
    return world;
  }

  #admin(): DirectoryPorts {
    const { table } = this.storage;
    const hasher = new PasswordHasher({ parameters: { log2N: 4, blockSize: 1, parallelization: 1 } });
    const directory = new Directory(table);
    const mail = this.#mail(this.storage);
    return {
      directory,
      table,
      wake: new RecordingWake(),
      clock,
      log: silentLog,
      random,
      epoch: 1,
      hasher,
      mail,
    };
  }

  #mail({ table, blobs }: Storage) {
    return createMailStore({
      table,
      blobs,
      wake: new RecordingWake(),
      clock,
      log: silentLog,
      epoch: 1,
      random,
    });
  }

  /** What a listener does: bytes and a job. */
  async accept(recipients: readonly string[]): Promise<string> {
    const messageId = newId(random);
    const blobKey = `incoming/${messageId}.eml`;
    const upload = this.storage.blobs.begin();
    await upload.write(Buffer.from('Subject: one\r\n\r\nText\r\n'));
    const { size: sizeBytes } = await upload.finish({ key: blobKey });
    const address = (text: string) => {
      const parsed = parseAddress(text.includes('@') ? text : `${text}@${this.domain}`);
      if (parsed === undefined) throw new Error(text);
      return parsed;
    };
    const envelope = {
      reversePath: address('sender'),
      recipients: recipients.map((recipient) => ({ address: address(recipient) })),
      body: '7BIT',
      smtpUtf8: false,
    } as const;
    const receivedAt = new Date().toISOString();
    await this.queues.route.send([
      { body: { messageId, blobKey, sizeBytes, envelope, receivedAt, returnPathBytes: 0 } },
    ]);
    return messageId;
  }

  /** A cold start: its own mail store, its calls counted by a fuse of its own. */
  #start(fuse: Fuse): Readonly<Record<'route' | 'deliver' | 'deliverAside', Handler>> {
    const table = fuse.wrap(this.storage.table);
    const blobs = fuse.wrap(this.storage.blobs);
    const queues = {
      route: fuse.wrap(this.queues.route),
      deliver: fuse.wrap(this.queues.deliver),
      deliverAside: fuse.wrap(this.queues.deliverAside),
      relay: fuse.wrap(this.queues.relay),
    };
    const ports = {
      directory: new Directory(table),
      table,
      blobs,
      queues,
      mail: this.#mail({ table, blobs }),
      clock,
      random,
      log: silentLog,
      metrics,
      hostname: 'mx.example.test',
    };
    return { route: routeBatch(ports), deliver: deliverEvent(ports), deliverAside: deliverAsideEvent(ports) };
  }

  /**
   * Runs the functions until the queues are empty; the first process is killed as told, and what it had comes again.
   * `twice`: each batch is handed out twice, the second time in reverse. The calls of the first process.
   */
  async run({
    kill,
    twice = false,
  }: { readonly kill?: Kill; readonly twice?: boolean } = {}): Promise<number> {
    const first = new Fuse(kill);
    let fuse = first;
    let handlers = this.#start(fuse);
    for (let round = 0; round < 60; round++) {
      const name = (['route', 'deliver', 'deliverAside'] as const).find(
        (each) => this.queues[each].records.length > 0,
      );
      if (name === undefined) return first.calls;
      const queue = this.queues[name];
      const event = queue.batch();
      if (twice) await handlers[name]({ Records: event.Records.toReversed() }).catch(() => undefined);
      const response = await handlers[name](event).catch(() => undefined);
      if (fuse.blown) {
        // Nobody hears the answer of a process that is gone.
        fuse = new Fuse();
        handlers = this.#start(fuse);
        continue;
      }
      const failed =
        response?.batchItemFailures ?? event.Records.map(({ messageId }) => ({ itemIdentifier: messageId }));
      queue.end(event, new Set(failed.map(({ itemIdentifier }) => itemIdentifier)));
    }
    throw new Error('the queues do not become empty');
  }

  /** How many messages an INBOX shows. */
  async count(name: string): Promise<number> {
    const address = parseAddress(`${name}@${this.domain}`);
    const account = address && (await new Directory(this.storage.table).findAccountByAddress(address));
    if (account === undefined) throw new Error(`there is no ${name}`);
    const mail = this.#mail(this.storage).account(account.id);
    const usage = await mail.usage();
    return usage.kind === 'usage' ? usage.messages : -1;
  }

  async outside(messageId: string): Promise<readonly string[]> {
    return (await readOutbound(this.storage.table, messageId)).map(
      ({ recipient, state }) => `${recipient} ${state}`,
    );
  }
}

function ok(result: object): void {
  if (isRefused(result)) throw new Error(JSON.stringify(result));
}
