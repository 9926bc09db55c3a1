/** `posta domain`: the domains whose mail the server takes. */
import { Option, type Command } from 'commander';
import { domainAdd, domainList, domainRemove, domainSet } from '../../lambdas/admin/domain-commands.ts';
import type { DomainSummary } from '../../lambdas/admin/summaries.ts';
import { CommandFailure } from '../failure.ts';
import { addPlaceOptions } from '../options.ts';
import { print, printJson, printRows } from '../output.ts';
import { runAdmin, type AdminOptions } from './admin.ts';

export function defineDomain(domain: Command): void {
  domain.addHelpText(
    'after',
    `
Examples:
  posta domain add example.org
  posta domain set example.org --postmaster ann@example.org`,
  );
  addPlaceOptions(domain.command('add'))
    .description('take mail for a domain from now on')
    .argument('<domain>')
    .option('--catch-all <address>', 'gets mail for addresses that are not there')
    .option('--postmaster <address>', 'gets mail for postmaster and abuse; else the first account')
    .addHelpText('after', '\nExample:\n  posta domain add example.org')
    .action(add);
  addPlaceOptions(domain.command('set'))
    .description('change a domain; an empty value takes a setting away')
    .argument('<domain>')
    .option('--catch-all <address>', 'gets mail for addresses that are not there')
    .option('--postmaster <address>', 'gets mail for postmaster and abuse; else the first account')
    .addOption(
      new Option('--status <status>', 'suspended: no mail, no login').choices(['active', 'suspended']),
    )
    .addHelpText(
      'after',
      `
Examples:
  posta domain set example.org --catch-all ann@example.org
  posta domain set example.org --catch-all ''`,
    )
    .action(set);
  addPlaceOptions(domain.command('list'))
    .description('show all domains')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  posta domain list --json')
    .action(list);
  addPlaceOptions(domain.command('remove'))
    .description('take no more mail for a domain')
    .argument('<domain>')
    .option('--force', 'with all its accounts and aliases, and their mail')
    .addHelpText('after', '\nExample:\n  posta domain remove example.org')
    .action(remove);
}

interface Settings extends AdminOptions {
  readonly catchAll?: string;
  readonly postmaster?: string;
  readonly status?: string;
}

/** An empty text takes the setting away. */
function settingsOf({ catchAll, postmaster, status }: Settings) {
  const setting = (text: string | undefined) => (text === '' ? null : text);
  return {
    catchAll: setting(catchAll),
    postmaster: setting(postmaster),
    // Checked by the command.
    ...(status === undefined ? {} : { status: status as 'active' | 'suspended' }),
  };
}

async function add(name: string, options: Settings): Promise<void> {
  const { domain } = await runAdmin(domainAdd, { domain: name }, { ...options, create: true });
  const settings = settingsOf(options);
  if (settings.catchAll !== undefined || settings.postmaster !== undefined)
    await runAdmin(domainSet, { domain: name, ...settings }, options).catch((fault: unknown) => {
      if (!(fault instanceof CommandFailure)) throw fault;
      throw new CommandFailure(
        `${domain.domain} is added, but without these settings: ${fault.message} Then: posta domain set ${domain.domain} …`,
      );
    });
  print(`${domain.domain} is added. Its first account: posta account add someone@${domain.domain}`);
}

async function set(name: string, options: Settings): Promise<void> {
  const { domain } = await runAdmin(domainSet, { domain: name, ...settingsOf(options) }, options);
  printRows([row(domain)], '');
}

async function list(options: AdminOptions): Promise<void> {
  const { domains } = await runAdmin(domainList, {}, options);
  if (options.json) return printJson(domains);
  printRows(domains.map(row), 'There is no domain yet. Add one: posta domain add example.org');
}

const row = ({ domain, status, catchAll, postmaster }: DomainSummary) => ({
  domain,
  status,
  'catch-all': catchAll,
  postmaster,
});

async function remove(name: string, options: AdminOptions & { readonly force?: boolean }): Promise<void> {
  const input = options.force === undefined ? { domain: name } : { domain: name, force: options.force };
  await runAdmin(domainRemove, input, options);
  print(`${name} is removed.`);
}
