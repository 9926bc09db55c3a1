/** Direct MX in AWS: the relay queue's jobs, worked on where port 25 is open. A sweep each minute fills the queue. */
import { serveHealth } from '../containers/listener/health-server.ts';
import { sending } from '../lambdas/handling/sending.ts';
import { Relay } from '../mail/delivery/outbound/relay.ts';
import { Directory } from '../mail/directory/directory.ts';
import { healthPort } from './container.ts';
import { runProgram, type Program, type ProgramOptions, type RunningProgram } from './container-program.ts';
import { openDeployment } from './deployment.ts';
import { deploymentNextHops } from './deployment-next-hops.ts';
import { startRelayWorker } from './relay-worker.ts';

/** How long transmissions may take to end, of the 120 s that a task has; what does not is due again at once. */
const graceMs = 60_000;

/** Works until it is told to end; several may run at once, for claims keep them apart. */
export async function runRelayContainer(options: ProgramOptions): Promise<void> {
  await runProgram(options, startRelay);
}

async function startRelay({ settings, log, metrics }: Program): Promise<RunningProgram> {
  await using starting = new AsyncDisposableStack();
  const deployment = starting.use(await openDeployment(settings, { wake: 'publish', log, metrics }));
  const { table, queues, clock } = deployment;
  const directory = new Directory(table);
  const { notifySender } = sending({ ...deployment, directory, hostname: settings.hostname });
  const nextHops = (await deploymentNextHops(deployment))();
  const relay = new Relay({ ...deployment, nextHops, notifySender });
  starting.defer(async () => {
    await relay.close({ graceMs });
    await nextHops[Symbol.asyncDispose]();
    await relay.settled();
  });
  starting.use(startRelayWorker(relay, { queue: queues.relay, clock, log, metrics }));
  let draining = false;
  const port = settings.portBase + healthPort;
  const health = () => ({
    status: draining ? ('draining' as const) : ('ready' as const),
    openConnections: 0,
    sessions: 0,
  });
  starting.use(await serveHealth({ port, health }));
  starting.defer(async () => {
    draining = true;
  });
  const started = starting.move();
  return { ports: [], [Symbol.asyncDispose]: () => started.disposeAsync() };
}
