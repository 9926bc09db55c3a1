/** `posta alias`: addresses that lead to others. */
import type { Command } from 'commander';
import {
  aliasAdd,
  aliasList,
  aliasRefuse,
  aliasRemove,
  aliasSet,
  type AliasDone,
} from '../../lambdas/admin/alias-commands.ts';
import { addPlaceOptions } from '../options.ts';
import { print, printJson, printRows } from '../output.ts';
import { runAdmin, runAdminPages, type AdminOptions } from './admin.ts';

export function defineAlias(alias: Command): void {
  alias.addHelpText('after', groupExamples);
  const command = (name: string, description: string) =>
    addPlaceOptions(alias.command(name).description(description));
  for (const [name, description, run] of [
    ['add', 'send mail for an address to others', aliasAdd],
    ['set', 'send mail for an alias to these addresses only', aliasSet],
  ] as const)
    command(name, description)
      .argument('<address>')
      .argument('<targets...>')
      .option('--force', 'take targets that nobody here has yet')
      .addHelpText(
        'after',
        `\nExample:\n  posta alias ${name} info@example.org ann@example.org bob@example.org`,
      )
      .action(async (address: string, targets: string[], options: TargetOptions) => {
        const allowMissing = options.force === true;
        printDone(await runAdmin(run, { address, targets, allowMissing }, options));
      });
  command('refuse', 'refuse mail for an address, such as of someone who left')
    .argument('<address>')
    .option('--reason <text>', 'what its senders are told')
    .addHelpText(
      'after',
      '\nExample:\n  posta alias refuse old@example.org --reason "Write to new@example.org"',
    )
    .action(async (address: string, options: AdminOptions & { readonly reason?: string }) => {
      const input = options.reason === undefined ? { address } : { address, reason: options.reason };
      await runAdmin(aliasRefuse, input, options);
      print(`${address} refuses mail.`);
    });
  command('list', 'show all aliases')
    .argument('[domain]', 'only of this domain')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  posta alias list example.org')
    .action(list);
  command('remove', 'remove an alias')
    .argument('<address>')
    .addHelpText('after', '\nExample:\n  posta alias remove info@example.org')
    .action(async (address: string, options: AdminOptions) => {
      await runAdmin(aliasRemove, { address }, options);
      print(`${address} is removed.`);
    });
}

const groupExamples = `
Examples:
  posta alias add info@example.org ann@example.org bob@example.org
  posta alias list
  posta alias remove info@example.org`;

interface TargetOptions extends AdminOptions {
  readonly force?: boolean;
}

function printDone({ alias, warnings }: AliasDone): void {
  print(`${alias.address} leads to ${alias.targets.join(', ')}.`);
  for (const warning of warnings) print(`warning: ${warning}`);
}

async function list(domain: string | undefined, options: AdminOptions): Promise<void> {
  const aliases = await runAdminPages(async (after) => {
    const input = { ...(domain === undefined ? {} : { domain }), ...(after === undefined ? {} : { after }) };
    const page = await runAdmin(aliasList, input, options);
    return { entries: page.aliases, next: page.next };
  });
  if (options.json) return printJson(aliases);
  printRows(
    aliases.map(({ address, targets, refusesMail }) => ({
      address,
      targets: refusesMail ? ['(refuses mail)'] : targets,
    })),
    `There is no alias${domain === undefined ? '' : ` in ${domain}`} yet. Add one: posta alias add info@${domain ?? 'DOMAIN'} TARGET`,
  );
}
