/** `posta import`: brings old mail into an account. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { Directory } from '../../mail/directory/directory.ts';
import { parseMailboxName } from '../../mail/mailbox/folder-name.ts';
import { CommandFailure } from '../failure.ts';
import { importMessages, type ImportCounts } from '../import/import-messages.ts';
import { openSource } from '../import/open-source.ts';
import { addDataOption } from '../options.ts';
import { print, printJson } from '../output.ts';
import { startProgress } from '../progress.ts';
import { accountOf, withExistingMachine } from './with-machine.ts';

/** Names of failed messages that are shown. */
const maxShown = 20;

interface Options {
  readonly data: string;
  readonly folder: string;
  readonly json?: boolean;
}

export function defineImport(command: Command): void {
  addDataOption(command, 'Into a deployment, bring mail by IMAP: imapsync, mbsync, or a mail client.')
    .argument('<account>', 'the address of the account')
    .argument('<path>', 'the file or folder to read')
    .addOption(
      new Option('--folder <name>', 'where messages go that have no folder of their own')
        .default('INBOX')
        .argParser(parseFolder),
    )
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
What kind of source it is, is seen by looking at it. Flags, dates and folders are kept. It is safe to run again: a
message that is there already is not added twice.

Examples:
  posta import ann@example.org ~/Maildir
  posta import ann@example.org old.mbox --folder Archive/2019
  posta import ann@example.org export.zip`,
    )
    .action(run);
}

function parseFolder(text: string): string {
  if (parseMailboxName(text) === undefined)
    throw new InvalidArgumentError('Write the name of a folder, such as INBOX or Archive/2019.');
  return text;
}

async function run(address: string, path: string, { data, folder, json = false }: Options): Promise<void> {
  await withExistingMachine(data, async ({ store, mail, blobs }) => {
    const account = await accountOf(new Directory(store.table), address);
    const source = await openSource(path, folder);
    if (!json) print(`Importing ${source.kind} into ${account.address}`);
    const progress = startProgress(process.stderr, source.totalBytes);
    const counts = await importMessages({
      source,
      account: mail.account(account.id),
      address: account.address,
      table: store.table,
      blobs,
      progress: (so, doneBytes) => progress.show(doneBytes, `${so.added} added`),
    }).finally(() => progress.end());
    report(counts, { json, account: account.address });
  });
}

function report(counts: ImportCounts, { json, account }: { json: boolean; account: string }): void {
  if (json) printJson(counts);
  else print(`${counts.added} added, ${counts.known} there already, ${counts.failed.length} failed`);
  if (counts.failed.length === 0) return;
  if (!json) {
    for (const { name, why } of counts.failed.slice(0, maxShown)) print(`  ${name}: ${why}`);
    if (counts.failed.length > maxShown) print(`  and ${counts.failed.length - maxShown} more`);
  }
  if (counts.full)
    throw new CommandFailure(
      `${account} is full, and the import ended there. Give it room, such as posta account quota ${account} 10G, and run the same command again`,
    );
  const messages = counts.failed.length === 1 ? '1 message was' : `${counts.failed.length} messages were`;
  throw new CommandFailure(
    `${messages} not imported. Mend what is said above and run the same command again`,
  );
}
