/** `posta credential`: app passwords, each with a name and what it is good for. */
import { Option, type Command } from 'commander';
import { credentialAdd, credentialList, credentialRemove } from '../../lambdas/admin/credential-commands.ts';
import { addPlaceOptions } from '../options.ts';
import { print, printJson, printRows } from '../output.ts';
import { runAdmin, type AdminOptions } from './admin.ts';

export function defineCredential(credential: Command): void {
  credential.addHelpText(
    'after',
    `
Examples:
  posta credential add ann@example.org phone
  posta credential list ann@example.org`,
  );
  const command = (name: string, description: string) =>
    addPlaceOptions(credential.command(name).description(description));
  command('add', 'make an app password, and show it once')
    .argument('<account>', 'the address of the account')
    .argument('<name>', 'what you call it, such as phone')
    .addOption(
      new Option('--scope <scope...>', 'what it is good for; all unless given').choices([
        'send',
        'imap',
        'pop3',
      ]),
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  posta credential add ann@example.org phone
  posta credential add ann@example.org scanner --scope send`,
    )
    .action(add);
  command('list', 'show the app passwords of an account')
    .argument('<account>', 'the address of the account')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  posta credential list ann@example.org')
    .action(list);
  command('remove', 'remove an app password; whoever uses it is logged out')
    .argument('<account>', 'the address of the account')
    .argument('<name>')
    .addHelpText('after', '\nExample:\n  posta credential remove ann@example.org phone')
    .action(async (address: string, name: string, options: AdminOptions) => {
      await runAdmin(credentialRemove, { address, name }, options);
      print(`${name} is removed from ${address}.`);
    });
}

async function add(
  address: string,
  name: string,
  options: AdminOptions & { readonly scope?: ('send' | 'imap' | 'pop3')[] },
): Promise<void> {
  const input = { address, name, ...(options.scope === undefined ? {} : { scopes: options.scope }) };
  const { credential, password, address: account } = await runAdmin(credentialAdd, input, options);
  if (options.json) return printJson({ account, ...credential, password: password.reveal() });
  print(`${credential.name} of ${account} (${credential.scopes.join(', ')}). The password, shown only now:`);
  print(password.reveal());
}

async function list(address: string, options: AdminOptions): Promise<void> {
  const { credentials } = await runAdmin(credentialList, { address }, options);
  if (options.json) return printJson(credentials);
  printRows(
    credentials.map(({ name, scopes, createdAt, lastUsedAt }) => ({
      name,
      scopes,
      added: createdAt,
      'last used': lastUsedAt ?? 'never',
    })),
    `${address} has no app password. Add one: posta credential add ${address} phone`,
  );
}
