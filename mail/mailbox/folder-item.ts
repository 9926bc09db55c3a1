/**
 * `folder#<folder id>`, its guard `name#<parent>#<name>`, and `subscription#<name>`. A folder knows its parent and its
 * own name, so a rename moves one item whatever is below. The mailbox is named apart from the folder: a deleted parent
 * stays as `\Noselect` and may get a new mailbox, and INBOX hands its mailbox to another folder when it is renamed.
 */
import type { Item } from '../ports/table.ts';
import { isoOf, optionalStringOf, stringOf } from './attributes.ts';
import { folderKey, folderNameKey, folderPrefix, subscriptionKey } from './keys.ts';
import { parseFolderId, parseMailboxId, sound } from './types.ts';
import type { AccountId, FolderId, MailboxId } from './types.ts';

/** RFC 6154, without its backslash. */
export type SpecialUse = 'All' | 'Archive' | 'Drafts' | 'Flagged' | 'Junk' | 'Sent' | 'Trash';

/** Every special use. */
export const specialUses: readonly SpecialUse[] = [
  'All',
  'Archive',
  'Drafts',
  'Flagged',
  'Junk',
  'Sent',
  'Trash',
];

/** The special use of that name, or undefined. */
export function parseSpecialUse(name: string): SpecialUse | undefined {
  return specialUses.find((use) => use === name);
}

export interface FolderNode {
  readonly id: FolderId;
  /** undefined: the top. */
  readonly parent: FolderId | undefined;
  /** Its own level only. */
  readonly name: string;
  /** undefined: `\Noselect`. */
  readonly mailbox: MailboxId | undefined;
  readonly specialUse: SpecialUse | undefined;
}

export function folderItem(account: AccountId, node: FolderNode): Item {
  return {
    ...folderKey(account, node.id),
    name: node.name,
    ...(node.parent === undefined ? {} : { parent: node.parent }),
    ...(node.mailbox === undefined ? {} : { mailbox: node.mailbox }),
    ...(node.specialUse === undefined ? {} : { specialUse: node.specialUse }),
  };
}

export function parseFolderItem(item: Item): FolderNode {
  const parent = optionalStringOf(item, 'parent');
  const mailbox = optionalStringOf(item, 'mailbox');
  const specialUse = optionalStringOf(item, 'specialUse');
  return {
    id: sound(parseFolderId(item.sk.slice(folderPrefix.length)), 'folder id'),
    name: stringOf(item, 'name'),
    parent: parent === undefined ? undefined : sound(parseFolderId(parent), 'folder id'),
    mailbox: mailbox === undefined ? undefined : sound(parseMailboxId(mailbox), 'mailbox id'),
    specialUse: specialUse === undefined ? undefined : sound(parseSpecialUse(specialUse), 'special use'),
  };
}

/** The guard that no two folders of a parent have one name, and by which a name is found. */
export function folderNameItem(account: AccountId, node: FolderNode): Item {
  return { ...folderNameKey({ account, parent: node.parent, name: node.name }), folder: node.id };
}

/** The folder that a guard names. */
export function parseFolderNameItem(item: Item): FolderId {
  return sound(parseFolderId(stringOf(item, 'folder')), 'folder id');
}

export function subscriptionItem(
  account: AccountId,
  options: { readonly name: string; readonly atMs: number },
): Item {
  return { ...subscriptionKey(account, options.name), name: options.name, at: isoOf(options.atMs) };
}

/** The full name that is subscribed to. */
export function parseSubscriptionItem(item: Item): string {
  return stringOf(item, 'name');
}
