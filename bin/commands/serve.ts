/** `posta serve`: the whole mail server, until it is told to stop. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from 'commander';
import { ListenFailed } from '../../containers/listener/listen-failure.ts';
import { AnotherServerRuns } from '../../drivers/embedded/server-lock.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import type { Log } from '../../mail/ports/log.ts';
import { CommandFailure } from '../failure.ts';
import { deleteOldLines, openLog } from '../keep-log.ts';
import { addServeOptions, readServeOptions, workerOption, type ServeOptions } from '../options.ts';
import { print } from '../output.ts';
import type { FirstStart } from '../serve/first-accounts.ts';
import { whereMailGoes } from '../serve/next-hops.ts';
import { workerReady } from '../serve/listener-workers.ts';
import { startPeriodic } from '../serve/periodic.ts';
import { startServer, type Server } from '../serve/server.ts';
import { startAsWorker } from '../serve/worker.ts';
import { welcomeText } from '../serve/welcome.ts';

export function defineServe(command: Command): void {
  command.addHelpText(
    'after',
    `
Every option can also be given in the environment (--port-base as POSTA_PORT_BASE) or in a JSON file (--config).

Examples:
  posta serve                                          try it: ports 2025, 2465, 2587, 2143, 2993, 2110, 2995, 2443 on 127.0.0.1
  posta serve --domain example.org --port-base 0 --host ::
  posta serve --proxy-protocol 25=required,995=required`,
  );
  addServeOptions(command);
  command.action(() => {
    const options = readServeOptions(command);
    return options.workerOf === undefined ? serve(options) : serveAsWorker(options, options.workerOf);
  });
}

/** Sessions have 10 s of it; the rest is for what runs behind them. */
const stopDeadlineMs = 30_000;

async function serve(options: ServeOptions): Promise<void> {
  const stopped = stopSignal();
  await using logging = openLog({
    data: options.data,
    level: options.logLevel,
    destination: process.stderr,
    readable: process.stderr.isTTY,
  });
  const { log, files } = logging;
  const server = await start(options, log);
  files.start();
  await using _ = startPeriodic([deleteOldLines(files)], { clock: systemClock(), log });
  printFirstStart(server.firstStart, options);
  print(whereMailGoes(options));
  const ports = [...new Set(server.listening.addresses.map(({ port }) => port))];
  print(`Posta is ready on ${options.host.join(', ')}, ports ${ports.join(', ')}. Data: ${options.data}`);
  const signal = await stopped;
  log.info('serve.stopping', { signal });
  const deadline = setTimeout(() => endLate(log), stopDeadlineMs);
  await server[Symbol.asyncDispose]();
  clearTimeout(deadline);
  log.info('serve.stopped');
}

/** Until the server that started it tells it to stop, or is gone. */
async function serveAsWorker(options: ServeOptions, generation: string): Promise<void> {
  const gone = once(process, 'disconnect').then(() => 'disconnect');
  const stopped = Promise.race([stopSignal(), gone]);
  await using logging = openLog({
    data: options.data,
    level: options.logLevel,
    destination: process.stderr,
    readable: process.stderr.isTTY,
  });
  const log = logging.log.with({ worker: process.pid });
  logging.files.start();
  const worker = await startAsWorker(options, { generation, log });
  process.send?.(workerReady);
  const signal = await stopped;
  log.info('serve.stopping', { signal });
  const deadline = setTimeout(() => endLate(log), stopDeadlineMs);
  await worker[Symbol.asyncDispose]();
  clearTimeout(deadline);
  log.info('serve.stopped');
  if (process.connected) process.disconnect();
}

/** The same command again, as a worker. */
function startWorkerProcess(generation: string): ChildProcess {
  return fork(process.argv[1] ?? '', [...process.argv.slice(2), workerOption, generation], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

/** Nothing is lost by it: what was acknowledged is durable, and jobs under way are given out again at the next start. */
function endLate(log: Log): void {
  log.error('serve.stoppedLate', new Error(`not everything had ended after ${stopDeadlineMs / 1000} s`));
  process.exit(1);
}

function printFirstStart(firstStart: FirstStart, options: ServeOptions): void {
  switch (firstStart.kind) {
    case 'made':
      return print(welcomeText(firstStart.welcome, options));
    case 'noAccount':
      return print(`There is no account yet. Add one: npx posta account add someone@${firstStart.domain}`);
    case 'inUse':
      return;
    default:
      firstStart satisfies never;
  }
}

async function start(options: ServeOptions, log: Log): Promise<Server> {
  try {
    return await startServer(options, { log, startWorkerProcess });
  } catch (fault) {
    if (fault instanceof AnotherServerRuns)
      throw new CommandFailure(
        `another posta serve (process ${fault.pid}) runs on ${options.data}. Stop it, or give this one a directory of its own with --data`,
      );
    if (fault instanceof ListenFailed)
      throw new CommandFailure(
        `${fault.message}. Choose other ports with --port-base or another address with --host, or free this one`,
      );
    throw fault;
  }
}

/** The first signal drains; a second one ends the process at once, by its default. */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    const stop = (signal: string) => {
      process.off('SIGTERM', stop).off('SIGINT', stop);
      resolve(signal);
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
  });
}
