/** Finding a folder in a list that was read: names are taken as `findMailbox` takes them. */
import { formatMailboxName, parseMailboxName } from './folder-name.ts';
import type { Folder, FolderList } from './mail-store.ts';

/** The folder of a full name (INBOX in any case), or undefined; it may be `\Noselect`. */
export function folderNamed({ folders }: FolderList, name: string): Folder | undefined {
  const levels = parseMailboxName(name);
  const full = levels && formatMailboxName(levels);
  return folders.find((folder) => folder.name === full);
}
