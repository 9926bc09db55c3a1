/** A task that listens, as the containers put it together, without its sockets; what it asks of AWS is metered. */
import { openListenerParts } from '../../containers/listener-parts.ts';
import { servicesOf } from '../../containers/services.ts';
import type { StandardPort } from '../../containers/standard-ports.ts';
import { openDeployment, type Deployment } from '../../bin/deployment.ts';
import { systemLog } from '../../drivers/system/log.ts';
import { Directory } from '../../mail/directory/directory.ts';
import type { Clock } from '../../mail/ports/clock.ts';
import type { Metrics } from '../../mail/ports/metrics.ts';
import { ClientSession } from './client-session.ts';
import { meteredLog, type FunctionsOptions } from './functions.ts';

/** A task tells its metrics once a minute, however much it does: no operation's part. */
const noMetrics: Metrics = { count: () => undefined, gauge: () => undefined, timeMs: () => undefined };

export interface Listener extends AsyncDisposable {
  readonly deployment: Deployment;
  /** A client on one of the ports, over TLS where that is implicit. */
  connect(port: StandardPort): Promise<ClientSession>;
}

/** `clock` is that of sessions and of the looks at the accounts' clocks. */
export async function openListener({
  settings,
  meter,
  clock,
}: FunctionsOptions & { readonly clock?: Clock }): Promise<Listener> {
  await using opening = new AsyncDisposableStack();
  const log = systemLog({ level: settings.logLevel, destination: meteredLog(meter) }).with({
    service: 'mail',
  });
  const deployment = opening.use(
    await openDeployment(settings, {
      wake: 'task',
      log,
      metrics: noMetrics,
      prepareClient: meter.meter.bind(meter),
    }),
  );
  const { hostname, maxMessageSize } = settings;
  const parts = opening.use(
    await openListenerParts({
      ...deployment,
      clock: clock ?? deployment.clock,
      settings: {
        hostname,
        maxMessageSize,
        loopbackPasswords: false,
        site: {
          settings: { hostname, ports: { imaps: 993, pop3s: 995, submissions: 465 } },
          mtaSts: { mode: 'testing', mx: [hostname], maxAgeSeconds: 604_800 },
        },
      },
      directory: new Directory(deployment.table),
      routeQueue: deployment.queues.route,
      deliverQueue: deployment.queues.deliver,
    }),
  );
  const services = servicesOf(parts);
  const opened = opening.move();
  return {
    deployment,
    connect(port) {
      const service = services.get(port);
      if (service === undefined) throw new Error(`nothing stands on port ${port}`);
      return ClientSession.open({ service, port, meter });
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
