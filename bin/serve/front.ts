/** What clients connect to: the listeners over an open data directory, the same in the server and in its workers. */
import type { AlpnChallenges } from '../../containers/listener/alpn-challenges.ts';
import type { Certificates } from '../../containers/listener/certificates.ts';
import { listen, type Listening, type Sharing } from '../../containers/listener/listen.ts';
import { openListenerParts } from '../../containers/listener-parts.ts';
import { watchAccess } from '../../containers/watch-access.ts';
import { logMetrics, type MemoryMetrics } from '../../drivers/system/metrics.ts';
import type { PasswordHasher } from '../../mail/auth/password.ts';
import { createFileNow } from '../../mail/delivery/file-now.ts';
import type { Directory } from '../../mail/directory/directory.ts';
import type { OneMachine } from '../one-machine.ts';
import type { ServeOptions } from '../options.ts';
import { listenerSettings, mailListeners } from './listeners.ts';

export interface FrontParts {
  readonly options: ServeOptions;
  readonly machine: OneMachine;
  readonly directory: Directory;
  readonly hasher: PasswordHasher;
  readonly hostname: string;
  readonly certificates: Certificates;
  readonly challenges?: AlpnChallenges | undefined;
  readonly metrics: MemoryMetrics;
  readonly sharing: Sharing;
}

export interface Front extends AsyncDisposable {
  readonly listening: Listening;
  /** Lets sessions take leave, and waits for it. */
  drain(): Promise<void>;
}

/** How long sessions may take to end when the server stops. */
const graceMs = 10_000;

/** Disposing drains, too. */
export async function openFront(parts: FrontParts): Promise<Front> {
  const { options, machine, directory, hasher, hostname, certificates, challenges, metrics, sharing } = parts;
  const { queues, store, clock, log } = machine;
  await using opening = new AsyncDisposableStack();
  const listenerParts = opening.use(
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
  const all = mailListeners(listenerParts, options);
  const listening = await listen({
    hosts: options.host,
    // Names are proved to a certificate authority on the port of HTTPS, by the process that ordered.
    listeners: sharing === 'more' ? all.filter(({ protocol }) => protocol !== 'https') : all,
    certificates,
    ...(challenges === undefined ? {} : { challenges }),
    limits: {
      maxConnections: options.maxConnections,
      maxConnectionsPerClient: options.maxConnectionsPerClient,
    },
    sharing,
    log,
    metrics,
  });
  const drain = async () => void (await listening.close({ graceMs }));
  opening.defer(drain);
  opening.use(await watchAccess({ listening, directory, wake: machine.wake, clock, log }));
  opening.use(logMetrics({ metrics, clock, log }));
  const opened = opening.move();
  return { listening, drain, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
