/** What the admin's changes need, over a data directory. */
import { PasswordHasher } from '../mail/auth/password.ts';
import { Directory } from '../mail/directory/directory.ts';
import type { DirectoryPorts } from '../mail/directory/directory-ports.ts';
import type { OneMachine } from './one-machine.ts';

export function adminPorts(machine: OneMachine, hasher = new PasswordHasher()): DirectoryPorts {
  const { store, wake, clock, log, random, mail } = machine;
  const directory = new Directory(store.table);
  return { directory, table: store.table, wake, clock, log, random, epoch: store.epoch, hasher, mail };
}
