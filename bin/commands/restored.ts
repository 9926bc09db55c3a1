/** `posta restored`: to be run once when a backup was put back, before the server starts. */
import type { Command } from 'commander';
import { addDataOption } from '../options.ts';
import { print } from '../output.ts';
import { raiseEpoch } from '../raise-epoch.ts';
import { withExistingMachine } from './with-machine.ts';

export function defineRestored(command: Command): void {
  addDataOption(command, 'In AWS, restore the table to a point in time: docs/operate.md says how.')
    .addHelpText(
      'after',
      `
Mail that came after the backup was made is gone, but mail clients remember its numbers. With this, new mail gets other
numbers, so that no client takes it for what it has seen already. The server must not run meanwhile.

Example:
  posta restored --data /var/lib/posta`,
    )
    .action(({ data }: { readonly data: string }) =>
      withExistingMachine(data, async (machine) => {
        await raiseEpoch(machine);
        print(`New mail in ${machine.dataDir} gets numbers of its own. Now start the server.`);
      }),
    );
}
