/** Puts the mailboxes together over their ports. */
import { accountMail } from './account-mail.ts';
import { AccountWriter } from './account-writer.ts';
import { undoBulk } from './changes/undo-bulk.ts';
import { maxKeptFolderLists, maxKeptWriters } from './limits.ts';
import type { FolderList, MailStore, MailStorePorts } from './mail-store.ts';
import type { KnownRecent } from './recent.ts';
import type { AccountId } from './types.ts';
import { ViewKeeper } from './view-keeper.ts';

/** One for each process: its writers join what waits, its views are shared. Closes nothing: the ports are the caller's. */
export function createMailStore(ports: MailStorePorts): MailStore {
  const writers = new Map<AccountId, AccountWriter>();
  const folderLists = new Map<string, FolderList>();
  const knownRecent: KnownRecent = new Map();
  const writerOf = (account: AccountId) => {
    const known = writers.get(account);
    if (known !== undefined) return known;
    if (writers.size >= maxKeptWriters) forgetIdle(writers);
    const writer = new AccountWriter(account, ports);
    writers.set(account, writer);
    return writer;
  };
  const keeper = new ViewKeeper({ ...ports, writerOf });
  return {
    account(id) {
      forgetOldest(folderLists);
      return accountMail({ ...ports, keeper, folderLists, knownRecent, writer: writerOf(id) });
    },
    submit: (account, change) => writerOf(account).submit(change),
    undoBulk: (account, token) => undoBulk(writerOf(account), token),
    async settled() {
      for (;;) {
        const busy = [...writers.values()].filter(({ idle }) => !idle);
        if (busy.length === 0) return;
        await Promise.all(busy.map((writer) => writer.settled()));
      }
    },
  };
}

/** Only an account's newest list is of use, and each may be read again. */
function forgetOldest(lists: Map<string, FolderList>): void {
  const [oldest] = lists.keys();
  if (lists.size > maxKeptFolderLists && oldest !== undefined) lists.delete(oldest);
}

/** A handle that still has one may go on with it: two writers of an account only join less. */
function forgetIdle(writers: Map<AccountId, AccountWriter>): void {
  for (const [account, { idle }] of writers) if (idle) writers.delete(account);
}
