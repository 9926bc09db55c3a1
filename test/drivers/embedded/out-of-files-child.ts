/** A child that opens files until there is no room for one more, and then tells whether it takes itself for running. */
import { openSync } from 'node:fs';
import { isRunning, thisProcess } from '../../../drivers/embedded/process-identity.ts';

if (process.argv[1] === import.meta.filename) {
  const identity = thisProcess();
  try {
    for (;;) openSync('/dev/null', 'r');
  } catch {
    process.exitCode = isRunning(identity) ? 0 : 3;
  }
}
