/** Wake over the bus: in this process at once, in the others of the data directory within milliseconds. */
import type { Wake, WakeUp } from '../../mail/ports/wake.ts';
import type { Bus } from './bus.ts';

const topic = 'wake';

/** The bus must outlive it. */
export function createWake(bus: Bus): Wake {
  return {
    publish: async (wakeUps) => {
      for (const wakeUp of wakeUps) bus.publish(topic, wakeUp);
    },
    subscribe: async (listener) => {
      const subscription = await bus.subscribe(topic, (message) => {
        const wakeUp = parseWakeUp(message);
        if (wakeUp) listener(wakeUp);
      });
      return {
        [Symbol.asyncDispose]: async () => subscription[Symbol.dispose](),
      };
    },
  };
}

/** Undefined for what another version of the program may say. */
function parseWakeUp(message: unknown): WakeUp | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { kind, account, rev } = message as Record<string, unknown>;
  if (typeof account !== 'string') return undefined;
  if (kind === 'access') return { kind, account };
  return kind === 'mail' && typeof rev === 'number' ? { kind, account, rev } : undefined;
}
