/** `posta export`: an account's mail as a Maildir. */
import { existsSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { Directory } from '../../mail/directory/directory.ts';
import { CommandFailure } from '../failure.ts';
import { exportMaildir } from '../export/export-maildir.ts';
import { addDataOption } from '../options.ts';
import { fromHere } from '../place.ts';
import { print, printJson } from '../output.ts';
import { startProgress } from '../progress.ts';
import { accountOf, withExistingMachine } from './with-machine.ts';

export function defineExport(command: Command): void {
  addDataOption(command, 'From a deployment, take mail by IMAP: imapsync, mbsync, or a mail client.')
    .argument('<account>', 'the address of the account')
    .argument('<path>', 'the folder to write to; made where it is missing')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Folders are written as Maildir++, flags into the file names, dates onto the files. It is safe to run again: what is
there already is not written again, but for flags that have changed.

Example:
  posta export ann@example.org ann-maildir`,
    )
    .action(run);
}

async function run(
  address: string,
  path: string,
  { data, json = false }: { readonly data: string; readonly json?: boolean },
): Promise<void> {
  const folder = fromHere(path);
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new CommandFailure(
      `${folder} is a file. Name a folder to write to; it is made where it is missing`,
    );
  await withExistingMachine(data, async ({ store, mail, blobs }) => {
    const account = await accountOf(new Directory(store.table), address);
    const handle = mail.account(account.id);
    const usage = await handle.usage();
    const progress = startProgress(process.stderr, usage.kind === 'gone' ? 0 : usage.bytes);
    const counts = await exportMaildir({
      account: handle,
      blobs,
      path: folder,
      progress: (so, doneBytes) => progress.show(doneBytes, `${so.written} written`),
    }).finally(() => progress.end());
    if (json) printJson(counts);
    else print(`${counts.written} written to ${path}, ${counts.known} there already`);
  });
}
