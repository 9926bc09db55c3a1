/** A tree of Maildirs as a synchronizing client keeps it. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';

export interface MaildirMessage {
  /** The file, relative to the tree. */
  readonly file: string;
  /** `FRS`: what stands behind `:2,`, without what is not a flag of Maildir. */
  readonly flags: string;
  /** With CRLF, without the header field that mbsync marks what it stores with. */
  readonly message: string;
}

/** Every Maildir below `root` by its path there, its messages sorted by their content. */
export async function readMaildirs(root: string): Promise<Record<string, MaildirMessage[]>> {
  const tree: Record<string, MaildirMessage[]> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const folder = dirname(entry.parentPath);
    if (entry.isDirectory() && entry.name === 'cur') tree[relative(root, entry.parentPath)] ??= [];
    if (!entry.isFile() || !['cur', 'new'].includes(basename(entry.parentPath))) continue;
    const path = join(entry.parentPath, entry.name);
    const message = (await readFile(path, 'latin1')).replace(/\r?\n/g, '\r\n');
    (tree[relative(root, folder)] ??= []).push({
      file: relative(root, path),
      flags: (/:2,([A-Z]*)/.exec(entry.name)?.[1] ?? '').replace(/[^DFRST]/g, ''),
      message: message.replace(/^X-TUID: .*\r\n/m, ''),
    });
  }
  for (const messages of Object.values(tree)) messages.sort((a, b) => (a.message < b.message ? -1 : 1));
  return tree;
}

/** As Maildir writes them. */
export function maildirFlags(flags: readonly string[]): string {
  const letters: Record<string, string> = {
    '\\Draft': 'D',
    '\\Flagged': 'F',
    '\\Answered': 'R',
    '\\Seen': 'S',
    '\\Deleted': 'T',
  };
  return flags
    .map((flag) => letters[flag] ?? '')
    .toSorted()
    .join('');
}
