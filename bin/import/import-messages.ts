/** Puts the messages of a source into an account: each once, by the hash of its bytes, however often it is run. */
import { createHash } from 'node:crypto';
import { mailboxBlobKey } from '../../mail/delivery/blob-key.ts';
import { toIndex } from '../../mail/delivery/index-message.ts';
import type { AccountMail, Delivery } from '../../mail/mailbox/mail-store.ts';
import { messageKey } from '../../mail/mailbox/keys.ts';
import { parseMessageId, sound } from '../../mail/mailbox/types.ts';
import { MessageScanner } from '../../mail/message/scan-message.ts';
import type { Blobs } from '../../mail/ports/blobs.ts';
import type { Table } from '../../mail/ports/table.ts';
import { withCrlf } from './crlf.ts';
import type { Source, SourceMessage } from './source.ts';

/** Messages uploaded at once, and put into one commit. */
const batchMessages = 32;

export interface ImportCounts {
  added: number;
  /** There already, from this import or an earlier one. */
  known: number;
  readonly failed: { readonly name: string; readonly why: string }[];
  /** The account's quota left no room, and the import ended there. */
  full: boolean;
}

export interface ImportOptions {
  readonly source: Source;
  readonly account: AccountMail;
  /** The account's address. */
  readonly address: string;
  readonly table: Table;
  readonly blobs: Blobs;
  /** Called after each batch, with the source's octets done. */
  readonly progress: (counts: ImportCounts, doneBytes: number) => void;
}

/**
 * A message that cannot be read or filed is counted and named; the others go on, but for a full account. Closes the
 * source. Rejects when the account is gone.
 */
export async function importMessages(options: ImportOptions): Promise<ImportCounts> {
  const counts: ImportCounts = { added: 0, known: 0, failed: [], full: false };
  const folders = new Map<string, boolean>();
  let doneBytes = 0;
  try {
    for await (const batch of batches(options.source.messages())) {
      for (const { folder } of batch) await ensureFolder(options.account, folder, folders);
      const uploads = await Promise.all(
        batch.map(async (message) =>
          folders.get(message.folder) === true
            ? tryUpload(options, message, counts)
            : fail(counts, message.name, `"${message.folder}" cannot be the name of a folder`),
        ),
      );
      await file(
        options,
        uploads.filter((upload) => upload !== undefined),
        counts,
      );
      doneBytes += batch.reduce((sum, { sourceBytes }) => sum + sourceBytes, 0);
      options.progress(counts, doneBytes);
      if (counts.full) break;
    }
  } finally {
    await options.source.close?.();
  }
  return counts;
}

function fail(counts: ImportCounts, name: string, why: string): undefined {
  counts.failed.push({ name, why });
}

interface Uploaded {
  readonly name: string;
  readonly delivery: Delivery;
}

async function tryUpload(
  options: ImportOptions,
  message: SourceMessage,
  counts: ImportCounts,
): Promise<Uploaded | undefined> {
  try {
    const uploaded = await store(options, message);
    if (uploaded === undefined) counts.known++;
    return uploaded;
  } catch (fault) {
    return fail(counts, message.name, fault instanceof Error ? fault.message : String(fault));
  }
}

/** Stores the bytes under a key made from them; undefined where the account has, or lately had, the message. */
async function store(options: ImportOptions, message: SourceMessage): Promise<Uploaded | undefined> {
  const { table, blobs, account, address } = options;
  const hash = createHash('sha256');
  const scanner = new MessageScanner();
  const blob = blobs.begin();
  try {
    for await (const chunk of withCrlf(message.open())) {
      hash.update(chunk);
      scanner.write(chunk);
      await blob.write(chunk);
    }
    if (blob.size === 0) throw new Error('it is empty');
    const messageId = sound(parseMessageId(hash.digest('hex')), 'message id');
    if ((await table.get(messageKey(account.id, messageId))) !== undefined) return undefined;
    const scanned = scanner.finish();
    const written = plausible(new Date(scanned.dateMs ?? 0));
    const blobKey = mailboxBlobKey({
      address,
      accountId: account.id,
      receivedAt: plausible(written),
      messageId,
    });
    await blob.finish({ key: blobKey });
    const receivedAt = message.receivedAt ?? written;
    const index = toIndex(scanned, { messageId, blobKey, receivedAt });
    return { name: message.name, delivery: { index, flags: message.flags, folder: message.folder } };
  } finally {
    await blob.abort();
  }
}

/** A date that can stand in a key; what is nonsense becomes 1970. */
function plausible(date: Date): Date {
  const year = date.getUTCFullYear();
  return year >= 1970 && year <= 9999 ? date : new Date(0);
}

/** Bytes of what is not filed are left for the sweep: another import may be about to file the same. */
async function file(
  { account }: ImportOptions,
  uploads: readonly Uploaded[],
  counts: ImportCounts,
): Promise<void> {
  const outcomes = await account.deliver(uploads.map(({ delivery }) => delivery));
  for (const [position, { name }] of uploads.entries()) {
    const outcome = outcomes[position];
    if (outcome?.kind === 'delivered') counts.added++;
    else if (outcome?.kind === 'duplicate') counts.known++;
    else if (outcome?.kind === 'overQuota') {
      counts.full = true;
      fail(counts, name, 'the account has no room for it');
    } else throw new Error('the account was removed while the import ran');
  }
}

/** Notes whether there is such a folder now: not every name that a source has can be one. */
async function ensureFolder(
  account: AccountMail,
  folder: string,
  known: Map<string, boolean>,
): Promise<void> {
  if (known.has(folder)) return;
  const found = await account.findMailbox(folder);
  if (found.kind === 'gone') throw new Error('the account was removed while the import ran');
  if (found.kind === 'noSuchMailbox') {
    const made = await account.createFolder({ name: folder });
    const isThere = made.kind === 'done' || made.kind === 'exists';
    if (isThere) await account.subscribe(folder);
    known.set(folder, isThere);
    return;
  }
  known.set(folder, true);
}

async function* batches(messages: AsyncIterable<SourceMessage>): AsyncGenerator<readonly SourceMessage[]> {
  let batch: SourceMessage[] = [];
  for await (const message of messages) {
    batch.push(message);
    if (batch.length < batchMessages) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
