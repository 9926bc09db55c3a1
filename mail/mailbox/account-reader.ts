/** Reading an account without opening a mailbox: usage, folders, STATUS; all as of one rev and in the store's epoch. */
import type { Item, Table } from '../ports/table.ts';
import { queryAll } from '../ports/table.ts';
import type { AccountWriter } from './account-writer.ts';
import { enterEpochChange } from './changes/account-changes.ts';
import type { AccountClock, KeptState } from './clock-item.ts';
import { readClock } from './draft.ts';
import { findFolder } from './find-folder.ts';
import { parseSubscriptionItem } from './folder-item.ts';
import { compareMailboxNames, parseMailboxName } from './folder-name.ts';
import { FolderTree } from './folder-tree.ts';
import { accountPartition, folderPrefix, mailboxStatePrefix, subscriptionPrefix } from './keys.ts';
import { maxRescans } from './limits.ts';
import type { Folder, FolderList, MailboxStatus, Usage } from './mail-store.ts';
import { parseMailboxState } from './mailbox-state.ts';
import type { MailboxState } from './mailbox-state.ts';
import type { Gone, NoSuchMailbox } from './outcome.ts';
import { readLog, readMailboxState } from './scan-mailbox.ts';
import { parseMailboxId, sound } from './types.ts';
import type { MailboxId } from './types.ts';

/** What the reader reads from; the writer only brings an account into a new epoch. */
export interface ReaderPorts {
  readonly table: Table;
  readonly epoch: number;
  readonly writer: AccountWriter;
}

/** The clock in the store's epoch. */
async function clockInEpoch(ports: ReaderPorts): Promise<AccountClock | undefined> {
  const clock = await readClock(ports.table, ports.writer.account);
  if (clock === undefined || clock.epoch >= ports.epoch) return clock;
  await ports.writer.submit(enterEpochChange([]));
  return readClock(ports.table, ports.writer.account);
}

export async function readUsage(ports: ReaderPorts): Promise<Usage | Gone> {
  const clock = await clockInEpoch(ports);
  if (clock === undefined) return { kind: 'gone' };
  const { rev, bytes, messages, quotaBytes } = clock;
  return { kind: 'usage', rev, bytes, messages, quotaBytes };
}

export async function readStatus(
  ports: ReaderPorts,
  mailbox: MailboxId,
): Promise<MailboxStatus | NoSuchMailbox | Gone> {
  const read = async () => {
    const clock = await clockInEpoch(ports);
    const { table, writer } = ports;
    return clock && { state: await readMailboxState({ table, account: writer.account, mailbox }, clock) };
  };
  let found = await read();
  if (found?.state !== undefined && found.state.epoch < ports.epoch) {
    await ports.writer.submit(enterEpochChange([mailbox]));
    found = await read();
  }
  if (found === undefined) return { kind: 'gone' };
  return found.state === undefined ? { kind: 'noSuchMailbox' } : statusOf(mailbox, found.state);
}

function statusOf(mailbox: MailboxId, state: MailboxState): MailboxStatus {
  const { epoch: _epoch, ...counts } = state;
  return { kind: 'status', mailbox, ...counts };
}

export async function findMailbox(
  ports: ReaderPorts,
  name: string,
): Promise<{ readonly kind: 'found'; readonly mailbox: MailboxId } | NoSuchMailbox | Gone> {
  const { account } = ports.writer;
  if ((await readClock(ports.table, account)) === undefined) return { kind: 'gone' };
  const levels = parseMailboxName(name);
  const folder = levels === undefined ? undefined : await findFolder(ports.table, { account, levels });
  if (folder?.mailbox === undefined) return { kind: 'noSuchMailbox' };
  return { kind: 'found', mailbox: folder.mailbox };
}

/** The folders were changed again and again while they were read: a fault. */
export class FoldersOvertaken extends Error {
  constructor() {
    super('the folders of an account changed too fast to be read');
    this.name = 'FoldersOvertaken';
  }
}

/**
 * All folders with their STATUS; `kept` is the list as it was read before, still true where the rev is the same. Commits
 * between the reads matter only where they change folders: each status is true in itself.
 */
export async function readFolders(ports: ReaderPorts, kept?: FolderList): Promise<FolderList | Gone> {
  for (let attempt = 0; attempt < maxRescans; attempt++) {
    const before = await clockInEpoch(ports);
    if (before === undefined) return { kind: 'gone' };
    if (kept?.rev === before.rev) return kept;
    const folders = await list(ports, folderPrefix);
    const states = await listStates(ports, before);
    const subscriptions = await list(ports, subscriptionPrefix);
    const late = mailboxesOfOlderEpoch(ports, states);
    if (late.length > 0) {
      await enterEpoch(ports, late);
      continue;
    }
    const between = await readLog(
      { table: ports.table, account: ports.writer.account },
      { after: before.rev },
    );
    if (between === undefined || between.some((record) => record.folders.length > 0)) continue;
    return listOf({ rev: before.rev, folders, states, subscriptions });
  }
  throw new FoldersOvertaken();
}

async function list(ports: ReaderPorts, prefix: string): Promise<readonly Item[]> {
  const items: Item[] = [];
  const pk = accountPartition(ports.writer.account);
  for await (const item of queryAll(ports.table, { pk, prefix })) items.push(item);
  return items;
}

async function listStates(ports: ReaderPorts, { inbox }: AccountClock): Promise<readonly KeptState[]> {
  const items = await list(ports, mailboxStatePrefix);
  const states = items.map((item) => ({
    mailbox: sound(parseMailboxId(item.sk.slice(mailboxStatePrefix.length)), 'mailbox id'),
    state: parseMailboxState(item),
  }));
  return inbox === undefined ? states : [...states, inbox];
}

function mailboxesOfOlderEpoch(ports: ReaderPorts, states: readonly KeptState[]): readonly MailboxId[] {
  return states.filter(({ state }) => state.epoch < ports.epoch).map(({ mailbox }) => mailbox);
}

async function enterEpoch(ports: ReaderPorts, mailboxes: readonly MailboxId[]): Promise<void> {
  const aCommit = Math.max(1, ports.writer.limits.maxWrites - 4);
  for (let at = 0; at < mailboxes.length; at += aCommit)
    await ports.writer.submit(enterEpochChange(mailboxes.slice(at, at + aCommit)));
}

function listOf(read: {
  readonly rev: FolderList['rev'];
  readonly folders: readonly Item[];
  readonly states: readonly KeptState[];
  readonly subscriptions: readonly Item[];
}): FolderList {
  const tree = new FolderTree(read.folders);
  const subscriptions = read.subscriptions.map(parseSubscriptionItem);
  const subscribed = new Set(subscriptions);
  const statuses = new Map(read.states.map(({ mailbox, state }) => [mailbox, statusOf(mailbox, state)]));
  const folders = [...tree.nodes].map((node): Folder => {
    const name = tree.fullName(node);
    return {
      id: node.id,
      name,
      mailbox: node.mailbox,
      specialUse: node.specialUse,
      hasChildren: tree.childrenOf(node.id).length > 0,
      subscribed: subscribed.has(name),
      status: node.mailbox === undefined ? undefined : statuses.get(node.mailbox),
    };
  });
  return { kind: 'folders', rev: read.rev, folders: folders.toSorted(byName), subscriptions };
}

function byName(one: Folder, other: Folder): number {
  return compareMailboxNames(one.name, other.name);
}
