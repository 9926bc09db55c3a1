/** Wake over the bus: in this process at once, in the others of the data directory within milliseconds. */
import type { Wake } from '../../mail/ports/wake.ts';
import { parseWakeUp } from '../parse-wake-up.ts';
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
