/** A zip of .eml files, as mail services export mailboxes: read entry by entry, never unpacked to disk. */
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { noFlags } from '../../mail/mailbox/flags.ts';
import { isEmlName, mailboxOf } from './eml.ts';
import type { Source, SourceMessage } from './source.ts';

/** undefined when no entry's name says that it is a message. Rejects when the file is no sound zip. */
export async function openZip(path: string, folder: string): Promise<Source | undefined> {
  let totalBytes = 0;
  await using listing = await open(path);
  for await (const entry of listing.zip.eachEntry())
    if (isEmlName(entry.fileName)) totalBytes += entry.uncompressedSize;
  if (totalBytes === 0) return undefined;
  return { kind: 'zip of messages', totalBytes, messages: () => messagesOf(path, folder) };
}

async function* messagesOf(path: string, folder: string): AsyncGenerator<SourceMessage> {
  await using archive = await open(path);
  for await (const entry of archive.zip.eachEntry()) {
    if (!isEmlName(entry.fileName)) continue;
    yield {
      name: `${path}, ${entry.fileName}`,
      folder: mailboxOf(entry.fileName.split('/').slice(0, -1), folder),
      flags: noFlags,
      sourceBytes: entry.uncompressedSize,
      open: () => contentOf(archive.zip, entry),
    };
  }
}

async function* contentOf(zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array> {
  for await (const chunk of await zip.openReadStreamPromise(entry)) yield chunk as Buffer;
}

/** The directory is read lazily, and the file stays open until disposed. */
async function open(path: string): Promise<AsyncDisposable & { readonly zip: ZipFile }> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false });
  return {
    zip,
    async [Symbol.asyncDispose]() {
      zip.close();
    },
  };
}
