/**
 * Maildir, with flags in the file names: the messages of `cur` and `new`, folders as in Maildir++ (`.Sent`,
 * `.Lists.posta`) or as Maildirs within (`Sent/cur`). Keywords are read where Dovecot listed them.
 */
import { createReadStream } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemFlags, type Flags } from '../../mail/mailbox/flags.ts';
import type { Source, SourceMessage } from './source.ts';

/** A Maildir within the source, and the mailbox that it becomes. */
interface MaildirFolder {
  readonly path: string;
  readonly folder: string;
}

const letters: Readonly<Record<string, number>> = {
  S: systemFlags.seen,
  R: systemFlags.answered,
  F: systemFlags.flagged,
  T: systemFlags.deleted,
  D: systemFlags.draft,
};

/** Whether the directory is a Maildir, or holds one. */
export async function isMaildir(path: string): Promise<boolean> {
  return (await maildirFolders(path, 'INBOX')).length > 0;
}

export async function openMaildir(path: string, folder: string): Promise<Source> {
  const folders = await maildirFolders(path, folder);
  let totalBytes = 0;
  for (const { path: place } of folders)
    for (const file of await messageFiles(place)) totalBytes += await sizeOf(file);
  return {
    kind: 'a Maildir',
    totalBytes,
    async *messages() {
      for (const place of folders) yield* messagesOf(place);
    },
  };
}

async function* messagesOf({ path, folder }: MaildirFolder): AsyncGenerator<SourceMessage> {
  const keywords = await readKeywords(path);
  for (const file of await messageFiles(path)) {
    const info = await stat(file).catch(() => undefined);
    if (info === undefined) continue;
    yield {
      name: file,
      folder,
      flags: flagsOf(file, keywords),
      receivedAt: info.mtime,
      sourceBytes: info.size,
      open: () => createReadStream(file),
    };
  }
}

/** `…:2,FRS` (https://cr.yp.to/proto/maildir.html): P, passed, is IMAP's `$Forwarded`; `a` to `z` are keywords. */
export function flagsOf(file: string, keywords: readonly (string | undefined)[]): Flags {
  const info = /[:;!]2,([A-Za-z]*)$/.exec(file)?.[1] ?? '';
  let system = 0;
  const words: string[] = [];
  for (const letter of info) {
    system |= letters[letter] ?? 0;
    if (letter === 'P') words.push('$Forwarded');
    const word = letter >= 'a' ? keywords[letter.charCodeAt(0) - 97] : undefined;
    if (word !== undefined) words.push(word);
  }
  return { system, keywords: words };
}

/** Dovecot's list: `0 $Junk` stands for the letter a. */
async function readKeywords(path: string): Promise<(string | undefined)[]> {
  const text = await readFile(join(path, 'dovecot-keywords'), 'utf8').catch(() => '');
  const words: (string | undefined)[] = [];
  for (const [, number, word] of text.matchAll(/^(\d{1,2}) (\S+)$/gm)) words[Number(number)] = word;
  return words;
}

async function maildirFolders(path: string, folder: string): Promise<MaildirFolder[]> {
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const found: MaildirFolder[] = [];
  if (names.includes('cur')) found.push({ path, folder });
  for (const name of names.toSorted()) {
    if (['cur', 'new', 'tmp', '.', '..'].includes(name)) continue;
    const levels = name.startsWith('.') ? name.slice(1).split('.') : [name];
    const below = levels.map(decodeLevel).join('/');
    if (below === '') continue;
    // A Maildir's subfolders stand beside INBOX, not below it; below any other folder they are its children.
    const target = /^inbox$/i.test(folder)
      ? /^inbox$/i.test(below)
        ? 'INBOX'
        : below
      : `${folder}/${below}`;
    found.push(...(await maildirFolders(join(path, name), target)));
  }
  return found;
}

/** Maildir++ names are in modified UTF-7 (RFC 3501 section 5.1.3). */
function decodeLevel(level: string): string {
  return level.replace(/&([^-]*)-/g, (_, encoded: string) => {
    if (encoded === '') return '&';
    const bytes = Buffer.from(encoded.replaceAll(',', '/'), 'base64');
    return bytes.length % 2 === 0 ? bytes.swap16().toString('utf16le') : '';
  });
}

async function messageFiles(path: string): Promise<string[]> {
  const lists = await Promise.all(
    ['cur', 'new'].map(async (name) => {
      const files = await readdir(join(path, name)).catch(() => []);
      return files
        .filter((file) => !file.startsWith('.'))
        .toSorted()
        .map((file) => join(path, name, file));
    }),
  );
  return lists.flat();
}

const sizeOf = async (file: string) => (await stat(file).catch(() => undefined))?.size ?? 0;
