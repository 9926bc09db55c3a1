/** What a new account's mail begins with: to be written in the transaction that creates the account. */
import type { Write } from '../ports/table.ts';
import { clockItem } from './clock-item.ts';
import type { KeptState } from './clock-item.ts';
import { folderItem, folderNameItem, subscriptionItem } from './folder-item.ts';
import type { SpecialUse } from './folder-item.ts';
import { logItem } from './log-record.ts';
import type { FolderChange } from './log-record.ts';
import { emptyMailboxState, mailboxStateItem } from './mailbox-state.ts';
import { newId, parseFolderId, parseMailboxId, parseRev, sound } from './types.ts';
import type { AccountId, RandomBytes } from './types.ts';

const initialFolders: readonly { readonly name: string; readonly specialUse?: SpecialUse }[] = [
  { name: 'INBOX' },
  { name: 'Sent', specialUse: 'Sent' },
  { name: 'Drafts', specialUse: 'Drafts' },
  { name: 'Trash', specialUse: 'Trash' },
  { name: 'Junk', specialUse: 'Junk' },
  { name: 'Archive', specialUse: 'Archive' },
];

/**
 * Clock (on condition that there is none), the first log record, and INBOX, Sent, Drafts, Trash, Junk and Archive, all
 * subscribed: 25 writes. The account must never have existed: a removed account's id is not used again.
 */
export function initialMailboxWrites(
  account: AccountId,
  options: {
    readonly random: RandomBytes;
    readonly nowMs: number;
    readonly epoch: number;
    /** undefined: no limit. */
    readonly quotaBytes?: number | undefined;
  },
): readonly Write[] {
  const { random, nowMs, epoch, quotaBytes } = options;
  const rev = sound(parseRev(1), 'rev');
  // Mailboxes of an account that is made, removed and made again under one name must differ: so the seconds.
  const firstUidValidity = Math.floor(nowMs / 1000) % 2 ** 31 || 1;
  const folders: FolderChange[] = [];
  const states: KeptState[] = [];
  const writes = initialFolders.flatMap(({ name, specialUse }, at): readonly Write[] => {
    const mailbox = sound(parseMailboxId(newId(random)), 'mailbox id');
    const folder = sound(parseFolderId(mailbox), 'folder id');
    const node = { id: folder, parent: undefined, name, mailbox, specialUse };
    const state = emptyMailboxState({ uidValidity: firstUidValidity + at, modSeq: rev, epoch });
    folders.push({ kind: 'created', folder, mailbox, name });
    states.push({ mailbox, state });
    return [
      { kind: 'put', item: folderItem(account, node) },
      { kind: 'put', item: folderNameItem(account, node) },
      { kind: 'put', item: subscriptionItem(account, { name, atMs: nowMs }) },
    ];
  });
  const [inbox, ...others] = states;
  const clock = clockItem(account, {
    rev,
    bytes: 0,
    messages: 0,
    quotaBytes,
    epoch,
    logFrom: rev,
    nextUidValidity: firstUidValidity + initialFolders.length,
    removedAtMs: undefined,
    ...(inbox === undefined ? {} : { inbox }),
  });
  const log = logItem({ account, rev, token: newId(random), atMs: nowMs, messages: [], folders });
  return [
    { kind: 'put', item: clock, condition: { kind: 'absent' } },
    { kind: 'put', item: log },
    ...others.map((state): Write => ({ kind: 'put', item: mailboxStateItem(account, state) })),
    ...writes,
  ];
}
