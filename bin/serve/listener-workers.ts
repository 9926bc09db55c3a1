/** The workers of a server: started with it, started again where one ends, and ended with it. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../mail/ports/log.ts';

/** What a worker tells the server that started it: it takes connections. */
export const workerReady = 'ready';

export interface ListenerWorkersOptions {
  readonly count: number;
  readonly start: () => ChildProcess;
  readonly log: Log;
}

export interface ListenerWorkers {
  /** Lets their sessions take leave, and waits until they have ended. */
  stop(): Promise<void>;
}

const startTimeoutMs = 30_000;
/** Before one that ended takes its place again; doubled each time in a row that it does not live for a minute. */
const firstPauseMs = 500;
const longestPauseMs = 60_000;
const longLifeMs = 60_000;
/** The server's own deadline comes first. */
const stopMs = 25_000;

/** Rejects, and leaves none, where one does not come to take connections. */
export async function startListenerWorkers(options: ListenerWorkersOptions): Promise<ListenerWorkers> {
  const workers = Array.from({ length: options.count }, () => new ListenerWorker(options));
  const stop = async () => void (await Promise.all(workers.map((worker) => worker.stop())));
  try {
    await Promise.all(workers.map((worker) => worker.start()));
  } catch (fault) {
    await stop();
    throw fault;
  }
  return { stop };
}

class ListenerWorker {
  readonly #options: ListenerWorkersOptions;
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #shortLives = 0;

  constructor(options: ListenerWorkersOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const child = this.#options.start();
    const begun = performance.now();
    this.#child = child;
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
      child.once('error', (fault) => resolve(fault.message));
    });
    const ready = once(child, 'message').then(() => workerReady);
    const late = sleep(startTimeoutMs, `no answer for ${startTimeoutMs / 1000} s`, { ref: false });
    const outcome = await Promise.race([ready, ended, late]);
    if (outcome !== workerReady) {
      child.kill('SIGKILL');
      throw new Error(`a worker (process ${child.pid}) did not start: ${outcome}`);
    }
    void ended.then((how) => this.#replace(how, performance.now() - begun));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    if ((await Promise.race([ended, sleep(stopMs, 'late', { ref: false })])) !== 'late') return;
    child.kill('SIGKILL');
    await ended;
  }

  /** Its connections are gone; the system spreads new ones over those that are left. */
  async #replace(how: string, livedMs: number): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { log } = this.#options;
    this.#shortLives = livedMs < longLifeMs ? this.#shortLives + 1 : 0;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#shortLives);
    log.error('serve.workerEnded', new Error(`a worker ended: ${how}`), {
      livedMs: Math.round(livedMs),
      pauseMs,
    });
    await sleep(pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    if (this.#stopping.signal.aborted) return;
    await this.start().catch((fault: unknown) => this.#replace(String(fault), 0));
  }
}
