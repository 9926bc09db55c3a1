/** Where a message is filed: which accounts have it, in which folders, or when its bytes go. */
import type { DirectoryPorts } from '../../mail/directory/directory-ports.ts';
import { listAccounts } from '../../mail/directory/listing.ts';
import { isRefused } from '../../mail/directory/refused.ts';
import { parseBlockItem } from '../../mail/mailbox/block.ts';
import { blockKey, blockOf, messageKey } from '../../mail/mailbox/keys.ts';
import type { MailStore } from '../../mail/mailbox/mail-store.ts';
import { parseMessageItem, type MessageItem, type Place } from '../../mail/mailbox/message-item.ts';
import type { AccountId, MessageId } from '../../mail/mailbox/types.ts';
import type { Table } from '../../mail/ports/table.ts';

export interface PlacePorts extends DirectoryPorts {
  readonly mail: MailStore;
}

/** A message in an account, as an admin is shown it. */
export interface FiledMessage {
  readonly accountId: string;
  /** null: the account was removed. */
  readonly account: string | null;
  /** None: it was expunged. */
  readonly places: readonly FiledPlace[];
  /** When the sweep deletes it, of one that was expunged; null: not before something else happens (a legal hold ends). */
  readonly deletedAfter: string | null;
}

export interface FiledPlace {
  /** The folder's full name. */
  readonly folder: string;
  readonly uid: number;
}

/** In those of the accounts that have it. */
export async function placesIn(
  ports: PlacePorts,
  messageId: MessageId,
  accountIds: readonly AccountId[],
): Promise<readonly FiledMessage[]> {
  const items = await ports.table.getMany(accountIds.map((accountId) => messageKey(accountId, messageId)));
  const filed: FiledMessage[] = [];
  for (const [at, accountId] of accountIds.entries()) {
    const item = items[at];
    if (item !== undefined) filed.push(await describe(ports, accountId, parseMessageItem(item)));
  }
  return filed;
}

/** In all accounts: for a message of which the log says nothing. Reads an item for each account. */
export async function placesAnywhere(
  ports: PlacePorts,
  messageId: MessageId,
): Promise<readonly FiledMessage[]> {
  const filed: FiledMessage[] = [];
  let after: string | undefined;
  do {
    const page = await listAccounts(ports, { after, limit: 1000 });
    if (isRefused(page)) break;
    filed.push(
      ...(await placesIn(
        ports,
        messageId,
        page.entries.map(({ id }) => id),
      )),
    );
    after = page.next;
  } while (after !== undefined);
  return filed;
}

async function describe(
  { table, directory, mail }: PlacePorts,
  accountId: AccountId,
  message: MessageItem,
): Promise<FiledMessage> {
  const account = await directory.findAccount(accountId);
  const list = await mail.account(accountId).listFolders();
  const names = new Map(
    list.kind === 'gone'
      ? []
      : list.folders.flatMap(({ mailbox, name }) => (mailbox ? [[mailbox, name]] : [])),
  );
  const places: FiledPlace[] = [];
  for (const place of message.places) {
    const folder = names.get(place.mailbox);
    // What was expunged just now is a place until Feed has taken it out.
    if (folder !== undefined && (await isShown(table, place))) places.push({ folder, uid: place.uid });
  }
  const { expiresAtMs } = message;
  return {
    accountId,
    account: account?.address ?? null,
    places,
    deletedAfter: expiresAtMs === undefined ? null : new Date(expiresAtMs).toISOString(),
  };
}

async function isShown(table: Table, { mailbox, uid }: Place): Promise<boolean> {
  const item = await table.get(blockKey(mailbox, blockOf(uid)));
  return item !== undefined && parseBlockItem(item).some((record) => record.uid === uid);
}
