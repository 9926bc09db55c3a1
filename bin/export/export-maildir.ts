/**
 * Writes an account's mail as a Maildir++ tree that other programs read: flags in the file names, dates on the files,
 * keywords in Dovecot's list. Safe to repeat: a message that is there already is not written again, only named anew
 * where its flags have changed.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { systemFlags } from '../../mail/mailbox/flags.ts';
import type { AccountMail, OpenMailbox } from '../../mail/mailbox/mail-store.ts';
import type { MessageRecord } from '../../mail/mailbox/message-record.ts';
import type { Blobs } from '../../mail/ports/blobs.ts';
import { withLf } from '../import/crlf.ts';

export interface ExportCounts {
  written: number;
  /** There already. */
  known: number;
}

export interface ExportOptions {
  readonly account: AccountMail;
  readonly blobs: Blobs;
  readonly path: string;
  readonly progress: (counts: ExportCounts, doneBytes: number) => void;
}

/** Rejects when the account is gone or a file cannot be written; what was written by then is whole. */
export async function exportMaildir(options: ExportOptions): Promise<ExportCounts> {
  const counts: ExportCounts = { written: 0, known: 0 };
  const list = await options.account.listFolders();
  if (list.kind === 'gone') throw new Error('the account is not there any more');
  let doneBytes = 0;
  for (const { name, mailbox } of list.folders) {
    if (mailbox === undefined) continue;
    const opened = await options.account.open(mailbox);
    if (opened.kind !== 'open') continue;
    try {
      const folder = name === 'INBOX' ? options.path : join(options.path, maildirName(name));
      for await (const { size, isNew } of exportFolder(opened, { ...options, folder })) {
        doneBytes += size;
        if (isNew) counts.written++;
        else counts.known++;
        options.progress(counts, doneBytes);
      }
    } finally {
      opened.close();
    }
  }
  return counts;
}

async function* exportFolder(
  opened: OpenMailbox,
  { blobs, folder }: { readonly blobs: Blobs; readonly folder: string },
): AsyncGenerator<{ readonly size: number; readonly isNew: boolean }> {
  for (const name of ['cur', 'new', 'tmp']) await mkdir(join(folder, name), { recursive: true });
  const present = new Map<string, string>();
  for (const place of ['cur', 'new'])
    for (const file of await readdir(join(folder, place)))
      present.set(uniqueName(file), join(folder, place, file));
  const keywords = new KeywordLetters();
  const { view } = opened;
  for (let at = 0; at < view.count; at++) {
    const record = view.recordAt(at);
    const message = await opened.findMessage(record.uid);
    if (message === undefined)
      throw new Error(`message ${record.uid} in ${folder} has no index: the table is damaged`);
    const unique = `${record.internalDateSeconds}.${message.messageId}-${record.uid}.posta`;
    const there = present.get(unique);
    const target = join(folder, 'cur', `${unique}:2,${letters(record, keywords)}`);
    if (there === undefined) {
      const partial = join(folder, 'tmp', unique);
      await pipeline(withLf(blobs.read(message.blobKey)), createWriteStream(partial));
      await utimes(partial, record.internalDateSeconds, record.internalDateSeconds);
      await rename(partial, target);
    } else if (there !== target) await rename(there, target);
    yield { size: record.size, isNew: there === undefined };
  }
  if (keywords.words.length > 0)
    await writeFile(
      join(folder, 'dovecot-keywords'),
      keywords.words.map((word, number) => `${number} ${word}\n`).join(''),
    );
}

const uniqueName = (file: string) => file.replace(/:2,[A-Za-z]*$/, '');

/** A to Z of a folder's keywords, in lower case, in the order in which they come; Maildir has room for 26. */
class KeywordLetters {
  readonly words: string[] = [];

  letterOf(word: string): string {
    if (!this.words.includes(word) && this.words.length < 26) this.words.push(word);
    const number = this.words.indexOf(word);
    return number < 0 ? '' : String.fromCharCode(97 + number);
  }
}

/** Flags as Maildir writes them: in ASCII order. */
function letters({ system, keywords }: MessageRecord, words: KeywordLetters): string {
  const flags = [
    system & systemFlags.draft ? 'D' : '',
    system & systemFlags.flagged ? 'F' : '',
    keywords.includes('$Forwarded') ? 'P' : '',
    system & systemFlags.answered ? 'R' : '',
    system & systemFlags.seen ? 'S' : '',
    system & systemFlags.deleted ? 'T' : '',
    ...keywords.filter((word) => word !== '$Forwarded').map((word) => words.letterOf(word)),
  ];
  return flags.join('');
}

/** `.Lists.posta`, in modified UTF-7 (RFC 3501 section 5.1.3); a dot or slash within a level is encoded as well. */
function maildirName(name: string): string {
  return `.${name.split('/').map(encodeLevel).join('.')}`;
}

function encodeLevel(level: string): string {
  return level.replace(/&|[^\x20-\x7e]+|[./]+/g, (run) => {
    if (run === '&') return '&-';
    const encoded = Buffer.from(run, 'utf16le').swap16().toString('base64');
    return `&${encoded.replace(/=+$/, '').replaceAll('/', ',')}-`;
  });
}
