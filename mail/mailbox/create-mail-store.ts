/** Puts the mailboxes together over their ports. */
import { accountMail } from './account-mail.ts';
import { AccountWriter } from './account-writer.ts';
import { undoBulk } from './changes/undo-bulk.ts';
import { maxKeptAccounts, maxKeptFolderLists } from './limits.ts';
import type { AccountMail, FolderList, MailStore, MailStorePorts } from './mail-store.ts';
import type { KnownRecent } from './recent.ts';
import type { AccountId } from './types.ts';
import { ViewKeeper } from './view-keeper.ts';

/** What all sessions of an account share. */
interface KeptAccount {
  readonly writer: AccountWriter;
  readonly mail: AccountMail;
}

/** One for each process: its writers join what waits, its views are shared. Closes nothing: the ports are the caller's. */
export function createMailStore(ports: MailStorePorts): MailStore {
  const accounts = new Map<AccountId, KeptAccount>();
  const folderLists = new Map<string, FolderList>();
  const knownRecent: KnownRecent = new Map();
  const keeper = new ViewKeeper({ ...ports, writerOf: (account) => kept(account).writer });
  const kept = (account: AccountId): KeptAccount => {
    const known = accounts.get(account);
    if (known !== undefined) return known;
    if (accounts.size >= maxKeptAccounts) forgetIdle(accounts);
    const writer = new AccountWriter(account, ports);
    const mail = accountMail({ ...ports, keeper, folderLists, knownRecent, writer });
    accounts.set(account, { writer, mail });
    return { writer, mail };
  };
  return {
    account(id) {
      forgetOldest(folderLists);
      return kept(id).mail;
    },
    submit: (account, change) => kept(account).writer.submit(change),
    undoBulk: (account, token) => undoBulk(kept(account).writer, token),
    async settled() {
      for (;;) {
        const busy = [...accounts.values()].map(({ writer }) => writer).filter(({ idle }) => !idle);
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

/** Whoever still has its handle may go on with it: two writers of an account only join less. */
function forgetIdle(accounts: Map<AccountId, KeptAccount>): void {
  for (const [account, { writer }] of accounts) if (writer.idle) accounts.delete(account);
}
