/** A child that begins to read and never ends, until it is killed. */
import { openEnvironment } from '../../../drivers/embedded/environment.ts';

if (process.argv[1] === import.meta.filename) {
  const environment = openEnvironment({ data: process.argv[2] ?? '' });
  const range = environment.records('items').getRange({ start: Buffer.alloc(1) });
  const reading = range[Symbol.iterator]();
  reading.next();
  process.send?.('reading');
  setInterval(() => void reading, 60_000);
}
