/** Fills a store by the code that makes accounts and files mail, many at once. */
import type { OneMachine } from '../../bin/one-machine.ts';
import { Secret } from '../../mail/auth/secret.ts';
import { mailboxBlobKey } from '../../mail/delivery/blob-key.ts';
import { toIndex } from '../../mail/delivery/index-message.ts';
import { addAccount } from '../../mail/directory/change-account.ts';
import { addDomain } from '../../mail/directory/change-domain.ts';
import { Directory } from '../../mail/directory/directory.ts';
import type { DirectoryPorts } from '../../mail/directory/directory-ports.ts';
import { isRefused } from '../../mail/directory/refused.ts';
import { systemFlags } from '../../mail/mailbox/flags.ts';
import { inParallel } from '../../mail/mailbox/in-parallel.ts';
import type { Delivery } from '../../mail/mailbox/mail-store.ts';
import { parseMessageId, sound, type AccountId } from '../../mail/mailbox/types.ts';
import { scanMessage } from '../../mail/message/scan-message.ts';
import { addressOf, domain, hasher, password } from './machine.ts';
import { makeMessage } from './messages.ts';

/** One commit takes 1,000 writes, two for each message and some blocks. */
const batch = 480;
/** The next batches are made while one is committed. */
const batchesAtOnce = 3;
/** So many wait for the same flush of the disk. */
const accountsAtOnce = 256;

/** An account that was made. */
export interface Filled {
  readonly id: AccountId;
  readonly address: string;
}

/** Says how far it is, some times a minute. */
export type Progress = (done: number) => void;

export async function addOurDomain(machine: OneMachine): Promise<void> {
  const added = await addDomain(directoryPorts(machine), domain);
  if (isRefused(added)) throw new Error(added.reason);
}

export async function addOne(machine: OneMachine, number: number): Promise<Filled> {
  const added = await addAccount(directoryPorts(machine), {
    address: addressOf(number),
    password: new Secret(password),
  });
  if (isRefused(added)) throw new Error(added.reason);
  return added.account;
}

/** The messages numbered from `from` up to and without `to`, in this order. */
export async function fillMailbox(
  machine: OneMachine,
  account: Filled,
  { from, to, progress }: { readonly from: number; readonly to: number; readonly progress: Progress },
): Promise<void> {
  const starts = Array.from({ length: Math.ceil((to - from) / batch) }, (_, at) => from + at * batch);
  let filed = Promise.resolve();
  await inParallel(starts, batchesAtOnce, async (start) => {
    const end = Math.min(to, start + batch);
    const deliveries = prepare(machine, account, { from: start, to: end });
    // Filed in the order of their numbers, whichever batch is ready first.
    const before = filed;
    filed = (async () => {
      const [ready] = await Promise.all([deliveries, before]);
      await file(machine, account, ready);
      progress(end);
    })();
    await filed;
  });
}

/** Accounts numbered from `from` up to and without `to`, each with so many messages. */
export async function fillAccounts(
  machine: OneMachine,
  options: {
    readonly from: number;
    readonly to: number;
    readonly messages: number;
    readonly progress: Progress;
  },
): Promise<void> {
  const { from, to, messages, progress } = options;
  const numbers = Array.from({ length: to - from }, (_, at) => from + at);
  let done = from;
  await inParallel(numbers, accountsAtOnce, async (number) => {
    const account = await addOne(machine, number);
    const first = number * messages;
    await file(machine, account, await prepare(machine, account, { from: first, to: first + messages }));
    progress((done += 1));
  });
}

async function prepare(
  machine: OneMachine,
  account: Filled,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly Delivery[]> {
  const numbers = Array.from({ length: to - from }, (_, at) => from + at);
  return Promise.all(
    numbers.map(async (number): Promise<Delivery> => {
      const { bytes, receivedAt } = makeMessage(number, account.address);
      const messageId = sound(parseMessageId(`m${number}`), 'message id');
      const blobKey = mailboxBlobKey({
        address: account.address,
        accountId: account.id,
        receivedAt,
        messageId,
      });
      const upload = machine.blobs.begin();
      await upload.write(bytes);
      await upload.finish({ key: blobKey });
      const index = toIndex(scanMessage(bytes), { messageId, blobKey, receivedAt });
      // All has been read, so that SELECT has to look for the first that has not through the whole mailbox.
      return { index, flags: { system: systemFlags.seen, keywords: [] } };
    }),
  );
}

async function file(machine: OneMachine, { id }: Filled, deliveries: readonly Delivery[]): Promise<void> {
  const outcomes = await machine.mail.account(id).deliver(deliveries);
  const failed = outcomes.find(({ kind }) => kind !== 'delivered');
  if (failed !== undefined) throw new Error(`a delivery ended in ${failed.kind}`);
}

function directoryPorts(machine: OneMachine): DirectoryPorts {
  const { store, wake, clock, log, random, mail } = machine;
  const { table, epoch } = store;
  return { directory: new Directory(table), table, wake, clock, log, random, epoch, hasher, mail };
}
