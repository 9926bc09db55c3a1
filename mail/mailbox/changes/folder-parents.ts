/** Making folders: one node with its guard, its mailbox, and the parents that are missing. */
import type { Draft } from '../draft.ts';
import { folderItem, folderNameItem } from '../folder-item.ts';
import type { FolderNode, SpecialUse } from '../folder-item.ts';
import { formatMailboxName } from '../folder-name.ts';
import type { FolderTree } from '../folder-tree.ts';
import { emptyMailboxState } from '../mailbox-state.ts';
import { newId, parseFolderId, parseMailboxId, sound } from '../types.ts';
import type { FolderId, MailboxId, RandomBytes } from '../types.ts';

/** A new id for a folder and the mailbox made with it. */
export function newFolderId(random: RandomBytes): FolderId {
  return sound(parseFolderId(newId(random)), 'folder id');
}

/** An empty mailbox with a uidValidity that the account never had. */
export function makeMailbox(draft: Draft, random: RandomBytes): MailboxId {
  const mailbox = sound(parseMailboxId(newId(random)), 'mailbox id');
  const uidValidity = draft.clock.nextUidValidity;
  draft.changeClock({ nextUidValidity: uidValidity + 1 });
  draft.setMailbox(mailbox, emptyMailboxState({ uidValidity, modSeq: draft.rev, epoch: draft.epoch }));
  return mailbox;
}

/** Writes a node and its guard. */
export function putFolder(draft: Draft, node: FolderNode): void {
  draft.put(folderItem(draft.account, node));
  draft.put(folderNameItem(draft.account, node));
}

/** Makes a folder with an empty mailbox. */
export function makeFolder(
  draft: Draft,
  options: {
    readonly levels: readonly string[];
    readonly parent: FolderId | undefined;
    readonly specialUse: SpecialUse | undefined;
    readonly random: RandomBytes;
  },
): FolderNode {
  const { levels, parent, specialUse, random } = options;
  const mailbox = makeMailbox(draft, random);
  const id = sound(parseFolderId(mailbox), 'folder id');
  const node = { id, parent, name: sound(levels.at(-1), 'name'), mailbox, specialUse };
  putFolder(draft, node);
  draft.logFolder({ kind: 'created', folder: id, mailbox, name: formatMailboxName(levels) });
  return node;
}

/** Makes what is missing above the last of these levels (RFC 9051 section 6.3.4); the parent for it. */
export function makeParents(
  draft: Draft,
  options: { readonly tree: FolderTree; readonly levels: readonly string[]; readonly random: RandomBytes },
): { readonly parent: FolderId | undefined; readonly made: number } {
  const { tree, levels, random } = options;
  const above = levels.slice(0, -1);
  const path = tree.pathTo(above);
  let parent = path.at(-1)?.id;
  for (let depth = path.length; depth < above.length; depth++)
    parent = makeFolder(draft, {
      levels: levels.slice(0, depth + 1),
      parent,
      specialUse: undefined,
      random,
    }).id;
  return { parent, made: above.length - path.length };
}
