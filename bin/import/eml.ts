/** Single messages: an .eml file, or a folder of them, whose subfolders become mailboxes. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { noFlags } from '../../mail/mailbox/flags.ts';
import type { Source } from './source.ts';

/** Whether a file's name says that it is one message. */
export const isEmlName = (name: string) => /\.(?:eml|mime|msg\.txt)$/i.test(name);

export async function openEml(path: string, folder: string): Promise<Source> {
  const { size } = await stat(path);
  return {
    kind: 'a message',
    totalBytes: size,
    async *messages() {
      yield { name: path, folder, flags: noFlags, sourceBytes: size, open: () => createReadStream(path) };
    },
  };
}

/** undefined when there is no .eml file in the folder or below it. */
export async function openEmlFolder(path: string, folder: string): Promise<Source | undefined> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && isEmlName(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  if (files.length === 0) return undefined;
  const sizes = new Map<string, number>();
  for (const file of files) sizes.set(file, (await stat(file)).size);
  return {
    kind: 'a folder of messages',
    totalBytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    async *messages() {
      for (const file of files)
        yield {
          name: file,
          folder: mailboxOf(relative(path, dirname(file)).split(sep), folder),
          flags: noFlags,
          sourceBytes: sizes.get(file) ?? 0,
          open: () => createReadStream(file),
        };
    },
  };
}

/** The mailbox for a place below the source: `Sent/2025` where the source itself is INBOX. */
export function mailboxOf(levels: readonly string[], folder: string): string {
  const below = levels.filter((level) => level !== '' && level !== '.');
  if (below.length === 0) return folder;
  if (!/^inbox$/i.test(folder)) return [folder, ...below].join('/');
  const [first = '', ...others] = below;
  return /^inbox$/i.test(first) ? ['INBOX', ...others].join('/') : below.join('/');
}
