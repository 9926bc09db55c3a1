/** Work that comes round: what the schedules do on AWS. */
import type { Clock } from '../../mail/ports/clock.ts';
import type { Log } from '../../mail/ports/log.ts';

export interface Periodic {
  /** For the log. */
  readonly name: string;
  readonly everyMs: number;
  /** Before the first time. Default: a minute, for a server that is often started anew, or `everyMs` where that is less. */
  readonly firstMs?: number;
  run(signal: AbortSignal): Promise<void>;
}

const minuteMs = 60_000;

/** Runs each task again and again, the pause first; one that fails is logged and comes round as usual. */
export function startPeriodic(
  tasks: readonly Periodic[],
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): AsyncDisposable {
  const stop = new AbortController();
  const loops = tasks.map(async (task) => {
    const { name, everyMs, firstMs = Math.min(minuteMs, everyMs) } = task;
    for (let pauseMs = firstMs; ; pauseMs = everyMs) {
      await clock.sleep(pauseMs, stop.signal);
      if (stop.signal.aborted) return;
      try {
        await task.run(stop.signal);
      } catch (fault) {
        log.error('housekeeping.failed', fault, { task: name });
      }
    }
  });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(loops);
    },
  };
}
