/**
 * Sessions whose account or password is no more take leave: at once where Wake says so, and, since a wake-up may be lost
 * or come in the midst of a login, at the next look.
 */
import { mayStay } from '../mail/auth/may-stay.ts';
import type { Directory } from '../mail/directory/directory.ts';
import type { Clock } from '../mail/ports/clock.ts';
import type { Log } from '../mail/ports/log.ts';
import type { Wake } from '../mail/ports/wake.ts';
import type { LoggedIn } from '../mail/wire/engine.ts';
import type { Listening } from './listener/listen.ts';

/** A look costs two or three small reads for each account that is logged in. */
const lookEveryMs = 15 * 60_000;

export interface WatchAccessOptions {
  readonly listening: Pick<Listening, 'leaveAccount' | 'leaveUnless'>;
  readonly directory: Directory;
  readonly wake: Wake;
  readonly clock: Clock;
  readonly log: Log;
}

/** Until it is disposed. */
export async function watchAccess(options: WatchAccessOptions): Promise<AsyncDisposable> {
  const { listening, wake } = options;
  const subscription = await wake.subscribe((wakeUp) => {
    if (wakeUp.kind === 'access') listening.leaveAccount(wakeUp.account);
  });
  const ended = new AbortController();
  const looking = lookAround(options, ended.signal);
  return {
    async [Symbol.asyncDispose]() {
      ended.abort();
      await subscription[Symbol.asyncDispose]();
      await looking;
    },
  };
}

async function lookAround(options: WatchAccessOptions, signal: AbortSignal): Promise<void> {
  const { listening, clock, log } = options;
  for (;;) {
    await clock.sleep(lookEveryMs, signal);
    if (signal.aborted) return;
    const sessions = await listening.leaveUnless(
      async (principal) => signal.aborted || (await holds(options, principal)),
    );
    if (sessions > 0) log.warn('listener.accessLostLate', { sessions });
  }
}

/** Where that cannot be read now, at the next look. */
async function holds({ directory, log }: WatchAccessOptions, principal: LoggedIn): Promise<boolean> {
  try {
    return await mayStay(directory, principal);
  } catch (fault) {
    log.error('listener.accessUnknown', fault, { account: principal.accountId });
    return true;
  }
}
