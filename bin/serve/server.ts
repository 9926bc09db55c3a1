/** The whole server in one process: opened in order, and closed in the reverse of it. */
import { randomUUID } from 'node:crypto';
import { hostname as machineName } from 'node:os';
import { Certificates, certificateFiles } from '../../containers/listener/certificates.ts';
import { listen, type Listening } from '../../containers/listener/listen.ts';
import { openListenerParts } from '../../containers/listener-parts.ts';
import { lockServer } from '../../drivers/embedded/server-lock.ts';
import { logMetrics, MemoryMetrics } from '../../drivers/system/metrics.ts';
import { PasswordHasher } from '../../mail/auth/password.ts';
import { createFileNow } from '../../mail/delivery/file-now.ts';
import { createNotifySender } from '../../mail/delivery/notify-sender.ts';
import { sendNotificationOutside } from '../../mail/delivery/outbound/queue-outbound.ts';
import { canonicalDomain } from '../../mail/message/address.ts';
import type { Log } from '../../mail/ports/log.ts';
import { adminPorts } from '../admin-ports.ts';
import { keepStart } from '../last-start.ts';
import { openOneMachine } from '../one-machine.ts';
import type { ServeOptions } from '../options.ts';
import { openAcme } from './acme.ts';
import { makeFirstAccounts, type FirstStart } from './first-accounts.ts';
import { startHousekeeping } from './housekeeping.ts';
import { listenerSettings, mailListeners } from './listeners.ts';
import { logWhereMailGoes, nextHopsOf } from './next-hops.ts';
import { ownCertificate } from './own-certificate.ts';
import { startRelay } from './start-relay.ts';
import { startWorkers } from './workers.ts';

/** How long sessions may take to end when the server stops. */
const graceMs = 10_000;

export interface Server extends AsyncDisposable {
  readonly listening: Listening;
  readonly firstStart: FirstStart;
}

/** Disposing drains the listeners, finishes what is under way, cuts off what other servers take too long for, and closes the data directory. */
export async function startServer(options: ServeOptions, log: Log): Promise<Server> {
  await using starting = new AsyncDisposableStack();
  // Leases and claims of another are of a server that has ended.
  const generation = randomUUID();
  const machine = starting.use(await openOneMachine({ data: options.data, log, generation }));
  starting.use(await lockServer(machine.store.environment));
  const hostname = options.hostname ?? canonicalDomain(machineName()) ?? 'localhost';
  const metrics = new MemoryMetrics();

  // Nobody else works on the jobs that the last server held when it ended.
  for (const queue of Object.values(machine.queues)) await queue.recover();
  const hasher = new PasswordHasher();
  const admin = adminPorts(machine, hasher);
  const { directory } = admin;

  const { tlsCert, tlsKey } = options;
  const files =
    tlsCert === undefined || tlsKey === undefined
      ? await ownCertificate(machine.dataDir, [hostname])
      : { certificate: tlsCert, key: tlsKey };
  const certificates = starting.use(
    await Certificates.load({ sources: [certificateFiles(files)], log, metrics }),
  );
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
  const parts = starting.use(
    await openListenerParts({
      ...machine,
      settings: listenerSettings(options, hostname),
      directory,
      hasher,
      table: store.table,
      routeQueue: queues.route,
      deliverQueue: queues.deliver,
      fileNow: createFileNow({ mail: machine.mail, log, metrics }),
      metrics,
    }),
  );
  const listening = await listen({
    hosts: options.host,
    listeners: mailListeners(parts, options),
    certificates,
    ...(acme?.challenges === undefined ? {} : { challenges: acme.challenges }),
    limits: {
      maxConnections: options.maxConnections,
      maxConnectionsPerClient: options.maxConnectionsPerClient,
    },
    log,
    metrics,
  });
  starting.defer(async () => void (await listening.close({ graceMs })));
  starting.use(
    await machine.wake.subscribe((wakeUp) => {
      if (wakeUp.kind === 'access') listening.leaveAccount(wakeUp.account);
    }),
  );
  starting.use(logMetrics({ metrics, clock, log }));
  logWhereMailGoes(options, log);
  keepStart(options, { dataDir: machine.dataDir, hostname, log });
  // Last, when nothing can fail any more: what is made is shown once.
  const firstStart = await makeFirstAccounts(admin, options.domain);
  acme?.start();
  const started = starting.move();
  return { listening, firstStart, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
