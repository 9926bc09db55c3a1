/** What every container that listens is: a deployment with a queue of its own for Wake, listeners, health, and an orderly end. */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Certificates, type CertificateSource } from '../containers/listener/certificates.ts';
import { serveHealth } from '../containers/listener/health-server.ts';
import { listen, type Listening } from '../containers/listener/listen.ts';
import type { Listener } from '../containers/listener/service.ts';
import {
  openListenerParts,
  type ListenerParts,
  type ListenerSettings,
} from '../containers/listener-parts.ts';
import { servicesOf } from '../containers/services.ts';
import { watchAccess } from '../containers/watch-access.ts';
import { standardPorts, type StandardPort } from '../containers/standard-ports.ts';
import { secretCertificate } from '../drivers/aws/secret-certificate.ts';
import { carriesAll, sesCarries } from '../mail/delivery/next-hop/carry-limits.ts';
import { Directory } from '../mail/directory/directory.ts';
import type { Log } from '../mail/ports/log.ts';
import { mtaStsOf } from '../mail/web/mta-sts.ts';
import { openDeployment } from './deployment.ts';
import type { DeploymentSettings } from './deployment-settings.ts';
import { signedByItself } from './signed-by-itself.ts';
import { runProgram, type Program, type ProgramOptions } from './container-program.ts';

export interface ContainerOptions extends ProgramOptions {
  /** Those of the standard ports that it stands on. */
  readonly ports: readonly StandardPort[];
  /** Whether all of them stand behind one port as well, told apart by the PROXY header. */
  readonly onePort?: boolean;
}

/** Above the port base: where a load balancer with one target group brings connections of all ports. */
export const onePort = 1;
/** Above the port base, on the loopback: whether it is ready. */
export const healthPort = 80;

/** Each look at the secret costs: a renewed certificate may wait. */
const certificateEveryMs = 10 * 60_000;
/** After SIGTERM a load balancer sends new connections for a while: they are still taken. */
const acceptMs = 5000;
/** With `acceptMs` and what ends after it, less than the 120 s that a task has to stop. */
const graceMs = 60_000;

/** Listens until it is told to end, and then drains. */
export async function runContainer(options: ContainerOptions): Promise<void> {
  await runProgram(options, async (program) => {
    const server = await startContainer(options, program);
    const ports = server.listening.addresses.map(({ port }) => String(port));
    return { ports, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  });
}

interface ContainerServer extends AsyncDisposable {
  readonly listening: Listening;
}

async function startContainer(
  options: ContainerOptions,
  { settings, log, metrics }: Program,
): Promise<ContainerServer> {
  await using starting = new AsyncDisposableStack();
  // Subscribed before any view is opened: what is committed from here on is heard of.
  const deployment = starting.use(await openDeployment(settings, { wake: 'task', log, metrics }));
  const { table, queues, wake } = deployment;
  const directory = new Directory(table);
  const certificates = starting.use(await openCertificates(settings, { log, metrics }));
  const parts = starting.use(
    await openListenerParts({
      ...deployment,
      settings: listenerSettings(settings),
      directory,
      routeQueue: queues.route,
      deliverQueue: queues.deliver,
    }),
  );
  const listening = await listen({
    hosts: ['::'],
    listeners: listenersOf(parts, options, settings),
    certificates,
    log,
    metrics,
  });
  starting.defer(async () => void (await listening.close({ acceptMs, graceMs })));
  starting.use(await watchAccess({ listening, directory, wake, clock: deployment.clock, log }));
  starting.use(await serveHealth({ port: settings.portBase + healthPort, health: () => listening.health() }));
  const started = starting.move();
  return { listening, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

async function openCertificates(
  { certificateSecret: arn, hostname }: DeploymentSettings,
  ports: Pick<Parameters<typeof Certificates.load>[0], 'log' | 'metrics'>,
): Promise<Certificates> {
  if (arn === undefined)
    throw new Error('POSTA_CERTIFICATE_SECRET is not set: a listener needs a certificate for TLS');
  const filled = secretCertificate({ client: new SecretsManagerClient(), arn });
  const source = await orSignedByItself(filled, { hostname, log: ports.log });
  return Certificates.load({ sources: [source], checkEveryMs: certificateEveryMs, ...ports });
}

/** So few that the alarm for a certificate that ends rings until there is a real one. */
const standInDays = 13;

/** A new deployment has no certificate yet: mail comes in all the same, and what comes is read again. */
async function orSignedByItself(
  source: CertificateSource,
  { hostname, log }: { readonly hostname: string; readonly log: Log },
): Promise<CertificateSource> {
  const { name } = source;
  const first = await source.read().catch((fault: unknown) => {
    log.error('tls.certificateMissing', fault, {
      source: name,
      shown: 'one signed by itself, which clients refuse',
    });
    return undefined;
  });
  if (first !== undefined) return source;
  const own = await signedByItself([hostname], { validDays: standInDays });
  let found = false;
  return {
    name,
    async read() {
      try {
        const pair = await source.read();
        found = true;
        return pair;
      } catch (fault) {
        // What was found once is not given up for this.
        if (found) throw fault;
        return own;
      }
    },
  };
}

function listenerSettings({
  hostname,
  maxMessageSize,
  nextHop,
  mtaSts,
}: DeploymentSettings): ListenerSettings {
  const { imaps, pop3s, submissions } = standardPorts;
  return {
    hostname,
    maxMessageSize,
    carries: nextHop === 'ses' ? sesCarries : carriesAll,
    // Nobody sits at a container: what comes from its loopback is a mistake.
    loopbackPasswords: false,
    site: {
      settings: { hostname, ports: { imaps, pop3s, submissions } },
      mtaSts: mtaStsOf(mtaSts, hostname),
    },
  };
}

function listenersOf(
  parts: ListenerParts,
  { ports, onePort: shared = false }: ContainerOptions,
  { portBase, proxyProtocol: proxy }: DeploymentSettings,
): readonly Listener[] {
  const services = new Map([...servicesOf(parts)].filter(([port]) => ports.includes(port)));
  const own = [...services].map(([port, service]): Listener => ({
    ...service,
    port: portBase + port,
    proxy,
  }));
  const [first] = services.values();
  if (!shared || proxy === 'off' || first === undefined) return own;
  // A health check's header names no port: it gets the first, and says nothing.
  return [...own, { ...first, port: portBase + onePort, proxy, byDestinationPort: services }];
}
