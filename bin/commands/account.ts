/** `posta account`: who has a mailbox here. */
import type { Command } from 'commander';
import {
  accountAdd,
  accountList,
  accountPassword,
  accountQuota,
  accountRemove,
  accountResume,
  accountShow,
  accountSuspend,
  type AccountDone,
} from '../../lambdas/admin/account-commands.ts';
import type { AccountSummary } from '../../lambdas/admin/summaries.ts';
import { addPlaceOptions } from '../options.ts';
import { print, printJson, printOne, printRows } from '../output.ts';
import { formatSize, parseSize } from '../values.ts';
import { runAdmin, runAdminPages, type AdminOptions } from './admin.ts';
import { passwordOptions, readPassword, type PasswordOptions } from './password-input.ts';

export function defineAccount(account: Command): void {
  account.addHelpText('after', groupExamples);
  const command = (name: string, description: string) =>
    addPlaceOptions(account.command(name).description(description));
  const add = command('add', 'add an account; without a password one is made and shown')
    .argument('<address>')
    .option('--quota <size>', 'how much mail it may hold, such as 5G; no limit unless given', parseSize)
    .addHelpText(
      'after',
      `
Examples:
  posta account add ann@example.org --quota 5G
  pwgen 20 1 | posta account add ann@example.org --password-stdin`,
    )
    .action(addAccount);
  const password = command('password', 'set a new password, and end its sessions')
    .argument('<address>')
    .addHelpText('after', '\nExample:\n  posta account password ann@example.org')
    .action(setPassword);
  for (const option of passwordOptions()) {
    add.addOption(option);
    password.addOption(option);
  }
  for (const printsPassword of [add, password]) printsPassword.option('--json', 'print JSON');
  command('list', 'show all accounts')
    .option('--domain <name>', 'only of this domain')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  posta account list --json')
    .action(list);
  command('show', 'show an account with its aliases and app passwords')
    .argument('<address>')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  posta account show ann@example.org')
    .action(show);
  command('quota', 'change how much mail an account may hold')
    .argument('<address>')
    .argument('<size>', 'such as 5G, or none', (text) => (text === 'none' ? null : parseSize(text)))
    .addHelpText('after', '\nExample:\n  posta account quota ann@example.org 10G')
    .action(quota);
  command('suspend', 'no login and no new mail; what it has stays')
    .argument('<address>')
    .addHelpText('after', '\nExample:\n  posta account suspend ann@example.org')
    .action((address: string, options: AdminOptions) => changed(accountSuspend, address, options));
  command('resume', 'end a suspension')
    .argument('<address>')
    .addHelpText('after', '\nExample:\n  posta account resume ann@example.org')
    .action((address: string, options: AdminOptions) => changed(accountResume, address, options));
  command('remove', 'remove an account; its mail is deleted after the retention')
    .argument('<address>')
    .addHelpText('after', '\nExample:\n  posta account remove ann@example.org')
    .action(remove);
}

const groupExamples = `
Examples:
  posta account add ann@example.org --quota 5G
  posta account list
  posta account password ann@example.org`;

async function addAccount(
  address: string,
  options: AdminOptions & PasswordOptions & { readonly quota?: number },
): Promise<void> {
  const password = await readPassword(options);
  const input = {
    address,
    ...(password === undefined ? {} : { password }),
    ...(options.quota === undefined ? {} : { quotaBytes: options.quota }),
  };
  const done = await runAdmin(accountAdd, input, options);
  if (options.json) return printDoneJson(done);
  print(`${done.account.address} is added.`);
  printMadePassword(done);
}

async function setPassword(address: string, options: AdminOptions & PasswordOptions): Promise<void> {
  const password = await readPassword(options);
  const input = password === undefined ? { address } : { address, password };
  const done = await runAdmin(accountPassword, input, options);
  if (options.json) return printDoneJson(done);
  print(`${done.account.address} has a new password; its sessions end.`);
  printMadePassword(done);
}

function printDoneJson({ account, password }: AccountDone): void {
  printJson(password === undefined ? account : { ...account, password: password.reveal() });
}

function printMadePassword({ password }: AccountDone): void {
  if (password !== undefined) print(`Its password, shown only now: ${password.reveal()}`);
}

async function list(options: AdminOptions & { readonly domain?: string }): Promise<void> {
  const accounts = await runAdminPages(async (after) => {
    const input = {
      ...(options.domain === undefined ? {} : { domain: options.domain }),
      ...(after === undefined ? {} : { after }),
    };
    const page = await runAdmin(accountList, input, options);
    return { entries: page.accounts, next: page.next };
  });
  if (options.json) return printJson(accounts);
  const { domain = 'DOMAIN' } = options;
  const where = options.domain === undefined ? '' : ` in ${domain}`;
  printRows(
    accounts.map(row),
    `There is no account${where} yet. Add one: posta account add someone@${domain}`,
  );
}

const row = ({ address, status, messages, usedBytes, quotaBytes }: AccountSummary) => ({
  address,
  status,
  messages,
  used: formatSize(usedBytes),
  quota: quotaBytes === null ? 'no limit' : formatSize(quotaBytes),
});

async function show(address: string, options: AdminOptions): Promise<void> {
  const { account, aliases, credentials } = await runAdmin(accountShow, { address }, options);
  if (options.json) return printJson({ ...account, aliases, credentials });
  printOne({
    ...row(account),
    id: account.id,
    added: account.createdAt,
    password: `set ${account.passwordChangedAt}`,
    aliases,
    'app passwords': credentials.map(({ name, scopes }) => `${name} (${scopes.join(' ')})`),
  });
}

async function quota(address: string, quotaBytes: number | null, options: AdminOptions): Promise<void> {
  const { account } = await runAdmin(accountQuota, { address, quotaBytes }, options);
  printRows([row(account)], '');
}

async function changed(
  command: typeof accountSuspend,
  address: string,
  options: AdminOptions,
): Promise<void> {
  const { account } = await runAdmin(command, { address }, options);
  print(`${account.address} is ${account.status}.`);
}

async function remove(address: string, options: AdminOptions): Promise<void> {
  const { address: removed, danglingAliases } = await runAdmin(accountRemove, { address }, options);
  print(`${removed} is removed.`);
  for (const alias of danglingAliases)
    print(
      `${alias} still sends its mail there: posta alias set ${alias} TARGET, or posta alias remove ${alias}`,
    );
}
