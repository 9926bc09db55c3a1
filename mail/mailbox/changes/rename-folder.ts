/** RENAME (RFC 9051 section 6.3.6): one item moves, whatever is below it. */
import type { Change } from '../account-writer.ts';
import { accepted, refused } from '../account-writer.ts';
import type { Draft } from '../draft.ts';
import { folderItem } from '../folder-item.ts';
import type { FolderNode } from '../folder-item.ts';
import { formatMailboxName, parseMailboxName } from '../folder-name.ts';
import { FolderTree } from '../folder-tree.ts';
import { folderNameKey, folderPrefix } from '../keys.ts';
import { maxFolders } from '../limits.ts';
import type { FolderOutcome } from '../outcome.ts';
import type { RandomBytes } from '../types.ts';
import { makeMailbox, makeParents, newFolderId, putFolder } from './folder-parents.ts';

/** From one full name to another; missing parents of the new name are made. */
export function renameFolderChange(options: {
  readonly from: string;
  readonly to: string;
  readonly random: RandomBytes;
}): Change<FolderOutcome> {
  const from = parseMailboxName(options.from);
  const to = parseMailboxName(options.to.replace(/\/$/, ''));
  const { random } = options;
  return {
    until: 'flushed',
    async plan(draft) {
      const tree = new FolderTree(await draft.list(folderPrefix));
      const node = from === undefined ? undefined : tree.find(from);
      if (from === undefined || node === undefined) return refused<FolderOutcome>({ kind: 'noSuchMailbox' });
      if (to === undefined) return refused<FolderOutcome>({ kind: 'badName' });
      if (tree.find(to) !== undefined) return refused<FolderOutcome>({ kind: 'exists' });
      const inbox = formatMailboxName(from) === 'INBOX';
      const below = from.length < to.length && from.every((level, at) => level === to[at]);
      if (below && !inbox) return refused<FolderOutcome>({ kind: 'notAllowed' });
      if (!inbox && !namesFit(tree, { node, from, to })) return refused<FolderOutcome>({ kind: 'badName' });
      const { parent, made } = makeParents(draft, { tree, levels: to, random });
      if (tree.size + made + 1 > maxFolders) return refused<FolderOutcome>({ kind: 'tooMany' });
      if (inbox) moveInbox(draft, { inbox: node, parent, to, random });
      else moveFolder(draft, { node, parent, from, to });
      return accepted<FolderOutcome>({ kind: 'done', mailbox: node.mailbox, rev: draft.rev });
    },
  };
}

/** Whether all names below it stay within their limits. */
function namesFit(
  tree: FolderTree,
  move: { readonly node: FolderNode; readonly from: readonly string[]; readonly to: readonly string[] },
): boolean {
  return tree.subtreeOf(move.node).every((each) => {
    const levels = [...move.to, ...tree.levelsOf(each).slice(move.from.length)];
    return parseMailboxName(formatMailboxName(levels)) !== undefined;
  });
}

function moveFolder(
  draft: Draft,
  move: {
    readonly node: FolderNode;
    readonly parent: FolderNode['parent'];
    readonly from: readonly string[];
    readonly to: readonly string[];
  },
): void {
  const { node, parent, from, to } = move;
  draft.delete(folderNameKey({ account: draft.account, parent: node.parent, name: node.name }));
  putFolder(draft, { ...node, parent, name: to.at(-1) ?? node.name });
  const names = { from: formatMailboxName(from), to: formatMailboxName(to) };
  draft.logFolder({ kind: 'renamed', folder: node.id, ...names });
}

/** Its messages, with their mailbox id, go under the new name; INBOX stays, empty and new, with what is below it. */
function moveInbox(
  draft: Draft,
  move: {
    readonly inbox: FolderNode;
    readonly parent: FolderNode['parent'];
    readonly to: readonly string[];
    readonly random: RandomBytes;
  },
): void {
  const { inbox, parent, to, random } = move;
  const mailbox = makeMailbox(draft, random);
  const name = to.at(-1) ?? '';
  draft.put(folderItem(draft.account, { ...inbox, mailbox }));
  putFolder(draft, { id: newFolderId(random), parent, name, mailbox: inbox.mailbox, specialUse: undefined });
  draft.logFolder({ kind: 'inboxMoved', mailbox, to: formatMailboxName(to) });
}
