/** Runs the works on the servers in turn, so many rounds, each from the same state, and keeps what was measured. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { diskFigure, type DiskFigure } from './disk.ts';
import { cpuSeconds, memoryOctets } from './load/process-tree.ts';
import type { BenchServer, RunningServer, ServerOptions } from './servers/bench-server.ts';
import { fillStanding } from './standing-mail.ts';
import { firstFreshUser, pause, type Bed, type Work } from './works/work.ts';

export interface Measured {
  readonly work: string;
  readonly server: string;
  readonly round: number;
  /** In the work's unit. */
  readonly figure: number;
  /** Processors that each side kept busy meanwhile, of those that the machine has; undefined where they are not counted. */
  readonly serverCpu: number | undefined;
  readonly clientCpu: number;
}

export interface Measurements {
  readonly measured: readonly Measured[];
  /** Of the sizes that a work's target names, each round's. */
  readonly disk: readonly DiskFigure[];
}

export interface MeasureOptions {
  readonly servers: readonly BenchServer[];
  readonly works: readonly Work[];
  readonly rounds: number;
  /** A folder on a real disk, for this run alone. */
  readonly scratch: string;
  readonly certificate: ServerOptions['certificate'];
  readonly progress: (text: string) => void;
  /** Aborted: no other work is begun, and the server that runs is stopped. */
  readonly signal: AbortSignal;
}

const users = 300;
const portBase = 30_000;
const portsOfAServer = 1_000;
const quietSeconds = 0.03;
const settleMs = 250;
const settleTimeoutMs = 180_000;

export async function measure(options: MeasureOptions): Promise<Measurements> {
  const { servers, works, rounds, scratch, certificate, progress, signal } = options;
  const folder = (name: string) => join(scratch, name.replace(/\W+/g, '-'));
  const startOptions = (at: number): ServerOptions => ({
    scratch: join(folder(servers[at]?.name ?? ''), 'run'),
    users,
    certificate,
    portBase: portBase + at * portsOfAServer,
  });
  const full = (at: number) => join(folder(servers[at]?.name ?? ''), 'full');
  const chosen = ({ takes = () => true }: BenchServer, { ports, cpuUncounted }: RunningServer) =>
    works.filter(
      (work) =>
        takes(work) &&
        work.needs.every((protocol) => ports[protocol] !== undefined) &&
        !(work.ofCpu === true && cpuUncounted === true),
    );

  for (const [at, server] of servers.entries()) {
    const filling = startOptions(at);
    mkdirSync(filling.scratch, { recursive: true });
    progress(`${server.name}: starting`);
    const running = await server.start(filling);
    try {
      if (running.ports.imap !== undefined && works.some((work) => work.standing === true))
        await fillStanding(running.ports.imap, (text) => {
          signal.throwIfAborted();
          progress(`${server.name}: ${text}`);
        });
      await settled(running);
    } finally {
      await running.stop();
    }
    signal.throwIfAborted();
    execFileSync('mv', [filling.scratch, full(at)]);
  }
  const measured: Measured[] = [];
  const disk: DiskFigure[] = [];
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}, the disk`);
    for (const { target } of works)
      if (target.kind === 'accepts') disk.push(diskFigure(scratch, target.octets));
    for (const [at, server] of servers.entries()) {
      const here = startOptions(at);
      if (existsSync(here.scratch)) rmSync(here.scratch, { recursive: true });
      progress(`round ${round} of ${rounds}, ${server.name}: copying its mailboxes`);
      execFileSync('cp', ['-a', '--sparse=always', full(at), here.scratch]);
      execFileSync('sync');
      await using bed = await openBed(server, here);
      for (const work of chosen(server, bed.running())) {
        progress(`round ${round} of ${rounds}, ${server.name}: ${work.name}`);
        const before = { server: bed.cpuSeconds(), client: process.cpuUsage(), at: performance.now() };
        let figure: number;
        try {
          figure = await work.run(bed);
        } catch (fault) {
          signal.throwIfAborted();
          progress(`round ${round} of ${rounds}, ${server.name}: ${work.name}: failed: ${String(fault)}\n`);
          await bed.restart();
          continue;
        }
        const client = process.cpuUsage(before.client);
        const seconds = (performance.now() - before.at) / 1000;
        const one: Measured = {
          work: work.name,
          server: server.name,
          round,
          figure,
          serverCpu:
            bed.running().cpuUncounted === true ? undefined : (bed.cpuSeconds() - before.server) / seconds,
          clientCpu: (client.user + client.system) / 1e6 / seconds,
        };
        measured.push(one);
        progress(
          `round ${round} of ${rounds}, ${server.name}: ${work.name}: ${figure.toPrecision(4)} ${work.unit}\n`,
        );
        await bed.settled();
        signal.throwIfAborted();
      }
    }
  }
  return { measured, disk };
}

async function settled({ roots, isDelivering }: RunningServer): Promise<void> {
  const end = performance.now() + settleTimeoutMs;
  let before = cpuSeconds(roots);
  while (performance.now() < end) {
    await pause(settleMs);
    const now = cpuSeconds(roots);
    if (now - before < quietSeconds && isDelivering?.() !== true) return;
    before = now;
  }
  throw new Error(`the server was still busy after ${settleTimeoutMs / 1000} s`);
}

async function openBed(
  server: BenchServer,
  options: ServerOptions,
): Promise<Bed & AsyncDisposable & { running: () => RunningServer }> {
  let running = await server.start(options);
  let nextUser = firstFreshUser;
  /** Of processes that a restart has ended. */
  let endedSeconds = 0;
  return {
    running: () => running,
    get ports() {
      return running.ports;
    },
    freshUser() {
      if (nextUser >= options.users) throw new Error(`no user is left of ${options.users}`);
      return nextUser++;
    },
    async restart() {
      endedSeconds += cpuSeconds(running.roots);
      await running.stop();
      running = await server.start(options);
    },
    settled: () => settled(running),
    cpuSeconds: () => endedSeconds + cpuSeconds(running.roots),
    memoryOctets: () => memoryOctets(running.roots),
    [Symbol.asyncDispose]: () => running.stop(),
  };
}
