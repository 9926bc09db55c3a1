/** What LIST and LSUB choose from: the names of folders, of subscriptions, and of the levels above these. */
import { compareMailboxNames, separator } from '../../mailbox/folder-name.ts';
import type { Folder, FolderList } from '../../mailbox/mail-store.ts';

export interface ListEntry {
  /** A full name. */
  readonly name: string;
  /** undefined: there is no such folder, for all that is subscribed. */
  readonly folder: Folder | undefined;
  readonly subscribed: boolean;
}

/** In the order of their names, INBOX first. */
export function listEntries({ folders, subscriptions }: FolderList): readonly ListEntry[] {
  const entries = new Map<string, ListEntry>(
    folders.map((folder) => [folder.name, { name: folder.name, folder, subscribed: folder.subscribed }]),
  );
  const gone = subscriptions.filter((name) => !entries.has(name));
  for (const name of gone) entries.set(name, { name, folder: undefined, subscribed: true });
  for (const name of gone.flatMap(levelsAbove))
    if (!entries.has(name)) entries.set(name, { name, folder: undefined, subscribed: false });
  return [...entries.values()].toSorted((one, other) => compareMailboxNames(one.name, other.name));
}

/** `a` and `a/b` of `a/b/c`. */
export function levelsAbove(name: string): readonly string[] {
  const levels = name.split(separator);
  return levels.slice(1).map((_, at) => levels.slice(0, at + 1).join(separator));
}
