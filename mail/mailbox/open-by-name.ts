/** Opening a mailbox by its name. A process that knows the account's folders opens first, and then sees that they are so. */
import { folderNamed } from './folder-named.ts';
import type { FolderList, OpenMailbox } from './mail-store.ts';
import type { Gone, NoSuchMailbox } from './outcome.ts';
import type { AccountId } from './types.ts';
import type { ViewKeeper } from './view-keeper.ts';

export interface OpenByName {
  readonly account: AccountId;
  readonly keeper: ViewKeeper;
  /** The folders as they were read before. */
  readonly known: FolderList | undefined;
  /** Reads them anew. */
  readonly list: () => Promise<FolderList | Gone>;
  readonly name: string;
}

/** The read that brings the view up to now shows as well whether a folder has changed since they were read. */
export async function openByName(request: OpenByName): Promise<OpenMailbox | NoSuchMailbox | Gone> {
  const { account, keeper, known } = request;
  const expected = known && folderNamed(known, request.name)?.mailbox;
  if (known !== undefined && expected !== undefined) {
    const opened = await keeper.open(account, expected);
    if (opened.kind === 'open') {
      if (opened.view.foldersAreAsOf(known.rev)) return opened;
      opened.close();
    }
  }
  const list = await request.list();
  if (list.kind !== 'folders') return list;
  const mailbox = folderNamed(list, request.name)?.mailbox;
  return mailbox === undefined ? { kind: 'noSuchMailbox' } : keeper.open(account, mailbox);
}
