/** The ports on one machine, opened over a data directory: what `serve` and every other command stand on. */
import { join, resolve } from 'node:path';
import { openBlobs, type EmbeddedBlobs } from '../drivers/embedded/blobs/blobs.ts';
import { openBus } from '../drivers/embedded/bus.ts';
import type { EmbeddedQueue } from '../drivers/embedded/queue.ts';
import { openStore, type EmbeddedStore } from '../drivers/embedded/store.ts';
import { createWake } from '../drivers/embedded/wake.ts';
import { pooledRandom } from '../drivers/system/random.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { createMailStore } from '../mail/mailbox/create-mail-store.ts';
import { forFeed } from '../mail/mailbox/log-record.ts';
import type { MailStore } from '../mail/mailbox/mail-store.ts';
import type { RelayJob } from '../mail/delivery/outbound/relay-job.ts';
import type { Clock } from '../mail/ports/clock.ts';
import type { Log } from '../mail/ports/log.ts';
import type { Wake } from '../mail/ports/wake.ts';
import type { DeliverJob, RouteJob } from '../mail/routing/jobs.ts';
import { refuseOtherOwner } from './data-directory-owner.ts';
import { makeDataDirectory } from './make-data-directory.ts';
import { queueDefinitions } from './queues.ts';

/** Everything that is opened over a data directory; disposing closes it in the right order. */
export interface OneMachine extends AsyncDisposable {
  /** Absolute. */
  readonly dataDir: string;
  readonly store: EmbeddedStore;
  readonly blobs: EmbeddedBlobs;
  readonly wake: Wake;
  readonly mail: MailStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: (size: number) => Uint8Array;
  readonly queues: {
    readonly route: EmbeddedQueue<RouteJob>;
    readonly deliver: EmbeddedQueue<DeliverJob>;
    readonly deliverAside: EmbeddedQueue<DeliverJob>;
    /** Wakes relay for mail to other servers. */
    readonly relay: EmbeddedQueue<RelayJob>;
  };
}

/** Rejects with a message for a person when the directory cannot be used or belongs to a newer Posta. */
export async function openOneMachine(options: {
  readonly data: string;
  readonly log: Log;
  /** Of the server that alone serves the directory: `MailStorePorts.generation`. */
  readonly generation?: string;
}): Promise<OneMachine> {
  const dataDir = resolve(options.data);
  const clock = systemClock();
  const { log } = options;
  await using opening = new AsyncDisposableStack();
  makeDataDirectory(dataDir);
  refuseOtherOwner(dataDir);
  const store = await openStore({ data: dataDir, clock, isForFeed: (item) => item[forFeed] === true });
  opening.defer(() => store.close());
  const blobs = await openBlobs({
    directory: join(dataDir, 'blobs'),
    environment: store.environment,
    clock,
    log,
  });
  opening.defer(() => blobs.close());
  const bus = await openBus({ directory: dataDir, log });
  opening.defer(() => bus.close());
  const wake = createWake(bus);
  const random = pooledRandom();
  const mail = createMailStore({
    table: store.table,
    blobs,
    wake,
    clock,
    log,
    epoch: store.epoch,
    random,
    ...(options.generation === undefined ? {} : { generation: options.generation }),
  });
  opening.defer(() => mail.settled());
  const opened = opening.move();
  return {
    dataDir,
    store,
    blobs,
    wake,
    mail,
    clock,
    log,
    random,
    queues: {
      route: store.queue(queueDefinitions.route),
      deliver: store.queue(queueDefinitions.deliver),
      deliverAside: store.queue(queueDefinitions.deliverAside),
      relay: store.queue(queueDefinitions.relay),
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
