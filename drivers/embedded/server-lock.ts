/** One `posta serve` a data directory: who serves is written in the store, and counts as long as that process runs. */
import { randomUUID } from 'node:crypto';
import type { Environment } from './environment.ts';
import { isRunning, thisProcess } from './process-identity.ts';

/** Another process serves this data directory. */
export class AnotherServerRuns extends Error {
  readonly pid: number;
  constructor(pid: number) {
    super(`another server (process ${pid}) runs on this data directory`);
    this.name = 'AnotherServerRuns';
    this.pid = pid;
  }
}

interface Holder {
  readonly pid: number;
  readonly started: string;
  /** Tells two that one process opened apart. */
  readonly instance: string;
}

const key = Buffer.from('server');

/**
 * Takes the directory for this process; dispose of it to give it back. A process that was killed holds nothing, and
 * leaves nothing to remove. Throws `AnotherServerRuns`.
 */
export async function lockServer(environment: Environment): Promise<AsyncDisposable> {
  const records = environment.records('locks');
  const mine: Holder = { ...thisProcess(), instance: randomUUID() };
  const read = () => {
    const bytes = records.get(key);
    return bytes && (JSON.parse(Buffer.from(bytes).toString()) as Holder);
  };
  const other = await environment.writes.run(() => {
    const holder = read();
    if (holder && isRunning(holder)) return holder;
    void records.put(key, Buffer.from(JSON.stringify(mine)));
    return undefined;
  }, 'visible');
  if (other) throw new AnotherServerRuns(other.pid);
  return {
    [Symbol.asyncDispose]: () =>
      environment.writes.run(() => {
        if (read()?.instance === mine.instance) void records.remove(key);
      }, 'visible'),
  };
}
