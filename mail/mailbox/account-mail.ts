/** One account's operations over its writer, its reader and the process's views. */
import type { Blobs } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Table } from '../ports/table.ts';
import type { AccountWriter } from './account-writer.ts';
import { findMailbox, readFolders, readStatus, readUsage } from './account-reader.ts';
import { removeAccountChange, setQuotaChange } from './changes/account-changes.ts';
import { prepareMessage } from './changes/add-message.ts';
import { createFolderChange } from './changes/create-folder.ts';
import { deleteFolderChange } from './changes/delete-folder.ts';
import { deliverChange } from './changes/deliver.ts';
import { renameFolderChange } from './changes/rename-folder.ts';
import { subscribeChange } from './changes/subscribe.ts';
import { appendAll } from './operations/append-all.ts';
import { copyAll, moveAll, undeleteAll } from './operations/copy-all.ts';
import { expungeAll } from './operations/expunge-all.ts';
import { storeAll } from './operations/store-all.ts';
import type { AccountMail, Delivery, FolderList } from './mail-store.ts';
import { acquireLease } from './maildrop-lease.ts';
import type { DeliveryOutcome } from './outcome.ts';
import { openByName } from './open-by-name.ts';
import { claimRecent, recentCount, recentFrom } from './recent.ts';
import type { KnownRecent } from './recent.ts';
import { newId } from './types.ts';
import type { RandomBytes } from './types.ts';
import type { ViewKeeper } from './view-keeper.ts';

/** What an account's operations work on. */
export interface AccountMailPorts {
  readonly table: Table;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly epoch: number;
  readonly writer: AccountWriter;
  readonly keeper: ViewKeeper;
  /** As `MailStorePorts.generation`: it goes into the maildrop leases. */
  readonly generation?: string;
  /** Folder lists that were read before, by account; true as long as the rev is the same. */
  readonly folderLists: Map<string, FolderList>;
  readonly knownRecent: KnownRecent;
}

/** The handle of one account. */
export function accountMail(ports: AccountMailPorts): AccountMail {
  const { writer, keeper, random, folderLists } = ports;
  return {
    id: writer.account,
    usage: () => readUsage(ports),
    listFolders: () => listFolders(ports),
    findMailbox: (name) => findMailbox(ports, name),
    status: (mailbox) => readStatus(ports, mailbox),
    open: (mailbox) => keeper.open(writer.account, mailbox),
    openByName: (name) =>
      openByName({
        account: writer.account,
        keeper,
        known: folderLists.get(writer.account),
        list: () => listFolders(ports),
        name,
      }),
    append: (options) => appendAll(ports, options),
    deliver: (deliveries) => deliver(ports, deliveries),
    storeFlags: (request) => storeAll(writer, request),
    expunge: (options) => expungeAll(ports, options),
    copy: (request) => copyAll(ports, request),
    move: (request) => moveAll(writer, request),
    undelete: (request) => undeleteAll(writer, request),
    createFolder: ({ name, specialUse }) => writer.submit(createFolderChange({ name, specialUse, random })),
    renameFolder: ({ from, to }) => writer.submit(renameFolderChange({ from, to, random })),
    deleteFolder: (name) => writer.submit(deleteFolderChange(name)),
    subscribe: (name) => writer.submit(subscribeChange({ name, subscribed: true })),
    unsubscribe: (name) => writer.submit(subscribeChange({ name, subscribed: false })),
    setQuota: (quotaBytes) => writer.submit(setQuotaChange(quotaBytes)),
    remove: () => writer.submit(removeAccountChange()),
    claimRecent: (mailbox, upTo) => claimRecent(ports, { mailbox, upTo }),
    recentFrom: (mailbox, upTo) => recentFrom(ports, { mailbox, upTo }),
    recentCount: (status) => recentCount(ports, status),
    leaseMaildrop: (mailbox) => acquireLease({ ...ports, mailbox, owner: newId(random) }),
  };
}

async function deliver(
  ports: AccountMailPorts,
  deliveries: readonly Delivery[],
): Promise<readonly DeliveryOutcome[]> {
  const prepared = await Promise.all(deliveries.map((each) => prepareMessage(ports.blobs, each)));
  return Promise.all(
    deliveries.map(async ({ folder, writes = [] }, at): Promise<DeliveryOutcome> => {
      const message = prepared[at];
      if (message === undefined) throw new Error('a delivery was not prepared');
      const end = await ports.writer.submit(deliverChange({ message, folder, writes }));
      return end.kind === 'gone' ? { kind: 'accountGone' } : end;
    }),
  );
}

async function listFolders(ports: AccountMailPorts) {
  const { folderLists, writer } = ports;
  const list = await readFolders(ports, folderLists.get(writer.account));
  folderLists.delete(writer.account);
  if (list.kind === 'folders') folderLists.set(writer.account, list);
  return list;
}
