/** A child that commits until it is killed, and tells its parent of each commit that was acknowledged. */
import { openStore } from '../../../drivers/embedded/store.ts';
import { systemClock } from '../../../drivers/system/clock.ts';

export interface Told {
  readonly sk: string;
}

if (process.argv[1] === import.meta.filename) {
  const [, , data = '', pk = ''] = process.argv;
  const { table } = await openStore({ data, clock: systemClock() });
  let number = 0;
  const commit = async (): Promise<never> => {
    for (;;) {
      const sk = String(number++);
      const { kind } = await table.commit([{ kind: 'put', item: { pk, sk } }]);
      if (kind !== 'committed') throw new Error(kind);
      process.send?.({ sk });
    }
  };
  await Promise.all(Array.from({ length: 8 }, commit));
}
