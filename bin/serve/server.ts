/** The whole server: opened in order, and closed in the reverse of it. */
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Listening } from '../../containers/listener/listen.ts';
import { lockServer } from '../../drivers/embedded/server-lock.ts';
import { MemoryMetrics } from '../../drivers/system/metrics.ts';
import { PasswordHasher } from '../../mail/auth/password.ts';
import { createNotifySender } from '../../mail/delivery/notify-sender.ts';
import { sendNotificationOutside } from '../../mail/delivery/outbound/queue-outbound.ts';
import type { Log } from '../../mail/ports/log.ts';
import { adminPorts } from '../admin-ports.ts';
import { keepStart } from '../last-start.ts';
import { openOneMachine } from '../one-machine.ts';
import type { ServeOptions } from '../options.ts';
import { openAcme } from './acme.ts';
import { makeFirstAccounts, type FirstStart } from './first-accounts.ts';
import { startHousekeeping } from './housekeeping.ts';
import { openFront } from './front.ts';
import { startListenerWorkers } from './listener-workers.ts';
import { logWhereMailGoes, nextHopsOf } from './next-hops.ts';
import { startRelay } from './start-relay.ts';
import { hostnameOf, loadCertificates } from './worker.ts';
import { startWorkers } from './workers.ts';

export interface Server extends AsyncDisposable {
  readonly listening: Listening;
  readonly firstStart: FirstStart;
}

export interface ServerParts {
  readonly log: Log;
  /** Starts a process that calls `startAsWorker`; asked for where there are to be several. */
  readonly startWorkerProcess: (generation: string) => ChildProcess;
}

/** Disposing drains the listeners, finishes what is under way, cuts off what other servers take too long for, and closes the data directory. */
export async function startServer(
  options: ServeOptions,
  { log, startWorkerProcess }: ServerParts,
): Promise<Server> {
  await using starting = new AsyncDisposableStack();
  // Leases and claims of another are of a server that has ended.
  const generation = randomUUID();
  const machine = starting.use(await openOneMachine({ data: options.data, log, generation }));
  starting.use(await lockServer(machine.store.environment));
  const hostname = hostnameOf(options);
  const metrics = new MemoryMetrics();

  // Nobody else works on the jobs that the last server held when it ended.
  for (const queue of Object.values(machine.queues)) await queue.recover();
  const hasher = new PasswordHasher();
  const admin = adminPorts(machine, hasher);
  const { directory } = admin;

  const certificates = starting.use(await loadCertificates(options, { machine, hostname, metrics, log }));
  const acme = options.acme
    ? starting.use(await openAcme({ options, machine, hostname, directory, certificates }))
    : undefined;
  const { blobs, clock, random, queues, store } = machine;
  const notifySender = createNotifySender({
    directory,
    blobs,
    routeQueue: queues.route,
    sendOutside: sendNotificationOutside({
      table: store.table,
      blobs,
      clock,
      random,
      relayQueue: queues.relay,
    }),
    clock,
    log,
    metrics,
    hostname,
  });
  const { retentionDays } = options;
  const nextHops = nextHopsOf(options, { hostname, clock, log, metrics });
  starting.use(startRelay({ machine, nextHops, notifySender, metrics, generation }));
  starting.use(startHousekeeping({ machine, directory, notifySender, metrics, retentionDays }));
  starting.use(startWorkers({ machine, directory, notifySender, metrics }));
  const shared = options.workers > 1;
  const front = starting.use(
    await openFront({
      ...{ options, machine, directory, hasher, hostname, certificates, metrics },
      challenges: acme?.challenges,
      sharing: shared ? 'first' : 'alone',
    }),
  );
  if (shared) {
    const startOne = () => startWorkerProcess(generation);
    const listenerWorkers = await startListenerWorkers({ count: options.workers - 1, start: startOne, log });
    starting.defer(async () => void (await Promise.all([front.drain(), listenerWorkers.stop()])));
  }
  logWhereMailGoes(options, log);
  keepStart(options, { dataDir: machine.dataDir, hostname, log });
  // Last, when nothing can fail any more: what is made is shown once.
  const firstStart = await makeFirstAccounts(admin, options.domain);
  acme?.start();
  const started = starting.move();
  return { listening: front.listening, firstStart, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
