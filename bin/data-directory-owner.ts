/** Files in a data directory belong to one user: what root adds, the server that runs as another could not read. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailure } from './failure.ts';

/** Throws `CommandFailure` where another user than this process's made the directory's table. */
export function refuseOtherOwner(dataDir: string): void {
  const user = process.getuid?.();
  const owner = statSync(join(dataDir, 'table', 'data.mdb'), { throwIfNoEntry: false })?.uid;
  if (user === undefined || owner === undefined || user === owner) return;
  throw new CommandFailure(
    `${dataDir} belongs to the user with id ${owner}. Run this as that user, such as with sudo -u '#${owner}'`,
  );
}
