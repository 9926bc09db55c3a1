#!/usr/bin/env node
/** The `posta` command: the mail server and what its admin does. One file for each command, in `commands/`. */
import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { addAccountCommand } from './commands/account.ts';
import { addAliasCommand } from './commands/alias.ts';
import { addCredentialCommand } from './commands/credential.ts';
import { addDomainCommand } from './commands/domain.ts';
import { addExportCommand } from './commands/export.ts';
import { addImportCommand } from './commands/import.ts';
import { addServeCommand } from './commands/serve.ts';
import { reportFailure } from './failure.ts';

const program = new Command('posta')
  .description('Posta, a complete mail service')
  .version(packageJson.version)
  .showHelpAfterError('(posta --help, or --help behind any command, shows what it takes)')
  .addHelpText(
    'after',
    `
Examples:
  posta serve                                   run the server, on a new data directory with two accounts
  posta account add ann@example.org             add an account; its password is made and shown
  posta alias add info@example.org ann@example.org
  posta import ann@example.org ~/Maildir        bring old mail along`,
  );
for (const add of [
  addServeCommand,
  addDomainCommand,
  addAccountCommand,
  addAliasCommand,
  addCredentialCommand,
  addImportCommand,
  addExportCommand,
])
  add(program);

try {
  await program.parseAsync();
} catch (fault) {
  reportFailure(fault);
}
