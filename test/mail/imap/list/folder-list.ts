/** Folders as the mail store lists them, without a mail store. */
import type { Folder, FolderList } from '../../../../mail/mailbox/mail-store.ts';
import { parseFolderId, parseMailboxId, parseRev, sound } from '../../../../mail/mailbox/types.ts';

/** Mailboxes of these names, parents before their children. */
export function folderList({
  folders,
  subscriptions = [],
}: {
  readonly folders: readonly string[];
  readonly subscriptions?: readonly string[];
}): FolderList {
  const parents = new Set(folders.map((name) => name.slice(0, Math.max(0, name.lastIndexOf('/')))));
  return {
    kind: 'folders',
    rev: sound(parseRev(1), 'rev'),
    folders: folders.map((name, at): Folder => ({
      id: sound(parseFolderId(`folder${at}`), 'folder id'),
      name,
      mailbox: sound(parseMailboxId(`mailbox${at}`), 'mailbox id'),
      specialUse: undefined,
      hasChildren: parents.has(name),
      subscribed: subscriptions.includes(name),
      status: undefined,
    })),
    subscriptions,
  };
}
