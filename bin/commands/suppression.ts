/** `posta suppression`: addresses of other servers that get no more mail from here. */
import type { Command } from 'commander';
import {
  suppressionAdd,
  suppressionList,
  suppressionRemove,
} from '../../lambdas/admin/suppression-commands.ts';
import { addPlaceOptions } from '../options.ts';
import { print, printJson, printRows } from '../output.ts';
import { runAdmin, runAdminPages, type AdminOptions } from './admin.ts';

export function defineSuppression(suppression: Command): void {
  suppression.addHelpText(
    'after',
    `
Examples:
  posta suppression list
  posta suppression remove ann@example.org`,
  );
  const command = (name: string, description: string) =>
    addPlaceOptions(suppression.command(name).description(description));
  command('list', 'show the addresses, and why they are on the list')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  posta suppression list')
    .action(list);
  command('add', 'send no more mail to an address')
    .argument('<address>')
    .addHelpText('after', '\nExample:\n  posta suppression add ann@example.org')
    .action(async (address: string, options: AdminOptions) => {
      await runAdmin(suppressionAdd, { address }, options);
      print(`${address} gets no more mail from here.`);
    });
  command('remove', 'send mail to an address again')
    .argument('<address>')
    .addHelpText('after', '\nExample:\n  posta suppression remove ann@example.org')
    .action(async (address: string, options: AdminOptions) => {
      await runAdmin(suppressionRemove, { address }, options);
      print(`${address} gets mail from here again.`);
    });
}

async function list(options: AdminOptions): Promise<void> {
  const entries = await runAdminPages((after) =>
    runAdmin(suppressionList, after === undefined ? {} : { after }, options),
  );
  if (options.json) return printJson(entries);
  printRows(
    entries.map(({ address, reason, at, detail = '' }) => ({ address, reason, since: at, detail })),
    'No address is on the suppression list.',
  );
}
