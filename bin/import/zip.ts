/** A zip of .eml files, as mail services export mailboxes: read entry by entry, never unpacked to disk. */
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { noFlags } from '../../mail/mailbox/flags.ts';
import { isEmlName, mailboxOf } from './eml.ts';
import type { Source, SourceMessage } from './source.ts';

/** undefined when no entry's name says that it is a message. Rejects when the file is no sound zip. */
export async function openZip(path: string, folder: string): Promise<Source | undefined> {
  let totalBytes = 0;
  let messages = 0;
  {
    await using listing = await open(path);
    for await (const entry of listing.zip.eachEntry()) {
      if (!isEmlName(entry.fileName)) continue;
      messages++;
      totalBytes += entry.uncompressedSize;
    }
  }
  if (messages === 0) return undefined;
  // Entries are read after the listing has passed them, even after its end.
  const contents = await open(path);
  return {
    kind: 'a zip of messages',
    totalBytes,
    messages: () => messagesOf({ path, folder, contents: contents.zip }),
    close: async () => contents[Symbol.asyncDispose](),
  };
}

async function* messagesOf(from: {
  readonly path: string;
  readonly folder: string;
  readonly contents: ZipFile;
}): AsyncGenerator<SourceMessage> {
  const { path, folder, contents } = from;
  await using listing = await open(path);
  for await (const entry of listing.zip.eachEntry()) {
    if (!isEmlName(entry.fileName)) continue;
    yield {
      name: `${path}, ${entry.fileName}`,
      folder: mailboxOf(entry.fileName.split('/').slice(0, -1), folder),
      flags: noFlags,
      sourceBytes: entry.uncompressedSize,
      open: () => contentOf(contents, entry),
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
