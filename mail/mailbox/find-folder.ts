/** Finding one folder by its name: two reads for each level, without the whole tree. */
import type { Item, Key } from '../ports/table.ts';
import { parseFolderItem, parseFolderNameItem } from './folder-item.ts';
import type { FolderNode } from './folder-item.ts';
import { folderKey, folderNameKey } from './keys.ts';
import type { AccountId } from './types.ts';

/** The table, or a draft on it. */
export interface ItemReader {
  get(key: Key): Promise<Item | undefined>;
}

/** The folder of these levels, or undefined. */
export async function findFolder(
  reader: ItemReader,
  options: { readonly account: AccountId; readonly levels: readonly string[] },
): Promise<FolderNode | undefined> {
  const { account, levels } = options;
  let found: FolderNode | undefined;
  for (const name of levels) {
    const guard = await reader.get(folderNameKey({ account, parent: found?.id, name }));
    if (guard === undefined) return undefined;
    const item = await reader.get(folderKey(account, parseFolderNameItem(guard)));
    if (item === undefined) return undefined;
    found = parseFolderItem(item);
  }
  return found;
}
