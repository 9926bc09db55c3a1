/** The way of a message on embedded drivers in a temporary directory, without sockets or workers: a test takes each step. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminPorts } from '../../../bin/admin-ports.ts';
import { openOneMachine, type OneMachine } from '../../../bin/one-machine.ts';
import { MemoryMetrics } from '../../../drivers/system/metrics.ts';
import { PasswordHasher } from '../../../mail/auth/password.ts';
import { Secret } from '../../../mail/auth/secret.ts';
import { deliverBatch } from '../../../mail/delivery/deliver-batch.ts';
import { deliverToAccount } from '../../../mail/delivery/deliver.ts';
import { createNotifySender } from '../../../mail/delivery/notify-sender.ts';
import { queueOutbound, sendNotificationOutside } from '../../../mail/delivery/outbound/queue-outbound.ts';
import { addAccount } from '../../../mail/directory/change-account.ts';
import { addAlias } from '../../../mail/directory/change-alias.ts';
import { addDomain } from '../../../mail/directory/change-domain.ts';
import type { DirectoryPorts } from '../../../mail/directory/directory-ports.ts';
import { isRefused } from '../../../mail/directory/refused.ts';
import type { MessageIndex } from '../../../mail/mailbox/message-index.ts';
import type { Blobs } from '../../../mail/ports/blobs.ts';
import type { Queue, ReceivedJob } from '../../../mail/ports/queue.ts';
import { parseAddress } from '../../../mail/message/address.ts';
import { createSmtpHost } from '../../../mail/routing/accept.ts';
import type { FileNow } from '../../../mail/routing/accept-ports.ts';
import type { Envelope } from '../../../mail/routing/envelope.ts';
import type { DeliverJob, RouteJob } from '../../../mail/routing/jobs.ts';
import { routeMessage } from '../../../mail/routing/route.ts';
import type { Acceptance, SmtpClient } from '../../../mail/smtp/host.ts';
import { recordingLog, type RecordingLog } from '../../contracts/recording-log.ts';

export const hostname = 'mx.example.test';

/** A client of port 25, somewhere else. */
export const otherServer: SmtpClient = {
  role: 'mta',
  connection: {
    id: 's1',
    remoteAddress: '192.0.2.7',
    remotePort: 40_000,
    localAddress: '192.0.2.25',
    localPort: 25,
    loopback: false,
  },
  helo: 'mail.elsewhere.test',
  extended: true,
};

/** What the steps use; a test may put something that fails in place of the real. */
export interface WayPorts {
  readonly blobs: Blobs;
  readonly routeQueue: Queue<RouteJob>;
  readonly deliverQueue: Queue<DeliverJob>;
  readonly asideQueue: Queue<DeliverJob>;
  /** Where messages for one account are filed as they come. */
  readonly fileNow?: FileNow;
}

export class Way implements AsyncDisposable {
  readonly machine: OneMachine;
  readonly admin: DirectoryPorts;
  readonly log: RecordingLog;
  readonly metrics = new MemoryMetrics();
  readonly real: WayPorts;
  readonly #folder: string;

  private constructor(parts: { folder: string; machine: OneMachine; log: RecordingLog }) {
    this.#folder = parts.folder;
    this.machine = parts.machine;
    this.log = parts.log;
    const cheap = new PasswordHasher({ parameters: { log2N: 4, blockSize: 1, parallelization: 1 } });
    this.admin = adminPorts(parts.machine, cheap);
    const { blobs, queues } = parts.machine;
    this.real = {
      blobs,
      routeQueue: queues.route,
      deliverQueue: queues.deliver,
      asideQueue: queues.deliverAside,
    };
  }

  /** With the domain `example.test` and these accounts, `name@example.test` each. */
  static async open(...names: readonly string[]): Promise<Way> {
    const folder = await mkdtemp(join(tmpdir(), 'posta-way-'));
    const log = recordingLog();
    const way = new Way({ folder, log, machine: await openOneMachine({ data: folder, log }) });
    await addDomain(way.admin, 'example.test');
    for (const name of names) await way.addAccount(name);
    return way;
  }

  async addAccount(name: string, quotaBytes?: number): Promise<void> {
    const password = new Secret('a password for tests');
    const result = await addAccount(this.admin, {
      address: `${name}@example.test`,
      password,
      quotaBytes,
    });
    if (isRefused(result)) throw new Error(result.reason);
  }

  async addAlias(name: string, ...targets: readonly string[]): Promise<void> {
    const result = await addAlias(this.admin, {
      address: `${name}@example.test`,
      targets: targets.map((target) => (target.includes('@') ? target : `${target}@example.test`)),
      allowMissing: true,
    });
    if (isRefused(result)) throw new Error(result.reason);
  }

  envelope(reversePath: string | null, ...recipients: readonly string[]): Envelope {
    const address = (text: string) => {
      const parsed = parseAddress(text.includes('@') ? text : `${text}@example.test`);
      if (parsed === undefined) throw new Error(`${text} is no address`);
      return parsed;
    };
    return {
      reversePath: reversePath === null ? null : address(reversePath),
      recipients: recipients.map((recipient) => ({ address: address(recipient) })),
      body: '7BIT',
      smtpUtf8: false,
    };
  }

  /** The listener's part: the message into Blobs and the route queue. */
  async accept(
    envelope: Envelope,
    message: string | readonly Uint8Array[],
    ports: WayPorts = this.real,
    client: SmtpClient = otherServer,
  ): Promise<Acceptance> {
    const { mail, clock, log, random } = this.machine;
    const host = createSmtpHost({
      ...ports,
      directory: this.admin.directory,
      mail,
      clock,
      log,
      random,
      hostname,
    });
    const begun = await host.begin(envelope, client);
    if (begun.kind !== 'ok') return begun;
    for (const chunk of typeof message === 'string' ? [Buffer.from(message)] : message)
      await begun.incoming.write(chunk);
    return begun.incoming.finish();
  }

  /** Works on what the three queues hold until they are empty; a step that fails is taken again. Gives the failures. */
  async settle(ports: WayPorts = this.real): Promise<readonly unknown[]> {
    const failures: unknown[] = [];
    for (let round = 0; round < 50; round++) {
      const worked = [
        await this.#work(ports.routeQueue, failures, (job) => this.#route(ports, job)),
        await this.#work(ports.deliverQueue, failures, (job) => this.#deliver(ports, job)),
        await this.#work(ports.asideQueue, failures, (job) => this.#deliverAside(ports, job)),
      ];
      if (!worked.includes(true)) {
        const waiting = await Promise.all(
          [ports.routeQueue, ports.deliverQueue, ports.asideQueue].map((queue) => queue.depth()),
        );
        if (waiting.every(({ waiting: now, out }) => now === 0 && out === 0)) return failures;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    throw new Error('the queues do not become empty');
  }

  async #work<Body>(
    queue: Queue<Body>,
    failures: unknown[],
    handle: (job: Body) => Promise<void>,
  ): Promise<boolean> {
    let jobs: readonly ReceivedJob<Body>[] = [];
    try {
      jobs = await queue.receive({ max: 10, waitMs: 0, hiddenMs: 60_000 });
      for (const job of jobs) {
        await handle(job.body);
        await queue.done([job.receipt]);
      }
    } catch (fault) {
      failures.push(fault);
      for (const { receipt } of jobs) await queue.release(receipt, 0);
    }
    return jobs.length > 0;
  }

  #route(ports: WayPorts, job: RouteJob): Promise<void> {
    const { log, metrics } = this;
    const { directory } = this.admin;
    const outbound = this.#outbound(ports);
    return routeMessage(
      {
        ...ports,
        directory,
        sendOutside: (outside) => queueOutbound(outbound, outside),
        notifySender: this.#notify(ports),
        log,
        metrics,
      },
      job,
    );
  }

  #deliver(ports: WayPorts, job: DeliverJob): Promise<void> {
    return deliverBatch(this.#deliverPorts(ports), [job]);
  }

  #deliverAside(ports: WayPorts, job: DeliverJob): Promise<void> {
    return deliverToAccount(this.#deliverPorts(ports), [job]);
  }

  #deliverPorts(ports: WayPorts) {
    const { log, metrics } = this;
    const { mail, clock } = this.machine;
    return { ...ports, mail, notifySender: this.#notify(ports), clock, log, metrics };
  }

  #notify(ports: WayPorts) {
    const { clock } = this.machine;
    const { log, metrics } = this;
    const { directory } = this.admin;
    const sendOutside = sendNotificationOutside(this.#outbound(ports));
    return createNotifySender({ ...ports, directory, sendOutside, clock, log, metrics, hostname });
  }

  #outbound({ blobs }: WayPorts) {
    const { store, clock, random, queues } = this.machine;
    return { table: store.table, blobs, clock, random, relayQueue: queues.relay };
  }

  /** The messages of an account's INBOX, in order, as text. */
  async inbox(name: string): Promise<readonly string[]> {
    const { blobs } = this.machine;
    const messages: string[] = [];
    for (const { blobKey } of await this.indexes(name)) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of blobs.read(blobKey)) chunks.push(chunk);
      messages.push(Buffer.concat(chunks).toString('latin1'));
    }
    return messages;
  }

  /** What their indexes say. */
  async indexes(name: string): Promise<readonly MessageIndex[]> {
    const { mail } = this.machine;
    const parsed = parseAddress(`${name}@example.test`);
    const account = parsed && (await this.admin.directory.findAccountByAddress(parsed));
    if (account === undefined) throw new Error(`there is no ${name}`);
    const handle = mail.account(account.id);
    const found = await handle.findMailbox('INBOX');
    if (found.kind !== 'found') throw new Error('there is no INBOX');
    const opened = await handle.open(found.mailbox);
    if (opened.kind !== 'open') throw new Error('INBOX does not open');
    const indexes: MessageIndex[] = [];
    for (let at = 0; at < opened.view.count; at++) {
      const index = await opened.findMessage(opened.view.uidAt(at));
      if (index !== undefined) indexes.push(index);
    }
    opened.close();
    return indexes;
  }

  /** All blobs' keys, in order. */
  async blobKeys(): Promise<readonly string[]> {
    const { blobs } = await this.machine.blobs.list({ prefix: '' });
    return blobs.map(({ key }) => key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
