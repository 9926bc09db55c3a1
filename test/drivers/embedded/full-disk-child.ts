/** A process whose files may not grow past a limit: what it was told of each commit, as JSON on one line. */
import { openStore } from '../../../drivers/embedded/store.ts';
import { systemClock } from '../../../drivers/system/clock.ts';

// Without this the limit ends the process; with it a write fails, as on a full disk.
process.on('SIGXFSZ', () => undefined);

const [data = ''] = process.argv.slice(2);
const store = await openStore({ data, clock: systemClock() });
const told: string[] = [];

async function put(sk: string, bytes: number): Promise<void> {
  const item = { pk: 'disk', sk, bytes: new Uint8Array(bytes) };
  try {
    const outcome = await store.table.commit([
      { kind: 'put', item: { pk: 'disk', sk: `${sk}, beside it` } },
      { kind: 'put', item },
    ]);
    told.push(`${sk}: ${outcome.kind}`);
  } catch (fault) {
    told.push(`${sk}: ${fault instanceof Error ? fault.name : 'unknown'}`);
  }
}

await put('fits', 1000);
await put('does not fit', 8 * 2 ** 20);
await put('fits again', 1000);
await store.close();
process.stdout.write(JSON.stringify(told));
