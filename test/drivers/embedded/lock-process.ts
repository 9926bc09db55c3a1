/** A child that takes the place of the server, tells its parent whether it has it, and stays until it is killed. */
import { openEnvironment } from '../../../drivers/embedded/environment.ts';
import { AnotherServerRuns, lockServer } from '../../../drivers/embedded/server-lock.ts';

const [, , data = ''] = process.argv;
try {
  await lockServer(openEnvironment({ data, mapBytes: 2 ** 28 }));
  process.send?.({ held: true });
} catch (fault) {
  if (!(fault instanceof AnotherServerRuns)) throw fault;
  process.send?.({ by: fault.pid });
}
// Listening to its parent keeps it alive.
process.on('message', () => undefined);
