/** DELETE (RFC 9051 section 6.3.5): the mailbox is gone at once; Feed takes its places away, the sweep its items. */
import type { Change } from '../account-writer.ts';
import { accepted, refused } from '../account-writer.ts';
import type { Draft } from '../draft.ts';
import { folderItem } from '../folder-item.ts';
import type { FolderNode } from '../folder-item.ts';
import { formatMailboxName, parseMailboxName } from '../folder-name.ts';
import { FolderTree } from '../folder-tree.ts';
import { folderKey, folderNameKey, folderPrefix } from '../keys.ts';
import type { FolderOutcome } from '../outcome.ts';
import { sound } from '../types.ts';

/** A folder with others below stays as `\Noselect`; such a one can be deleted when nothing is below it any more. */
export function deleteFolderChange(name: string): Change<FolderOutcome> {
  const levels = parseMailboxName(name);
  return {
    until: 'flushed',
    async plan(draft) {
      const tree = new FolderTree(await draft.list(folderPrefix));
      const node = levels === undefined ? undefined : tree.find(levels);
      if (levels === undefined || node === undefined)
        return refused<FolderOutcome>({ kind: 'noSuchMailbox' });
      if (formatMailboxName(levels) === 'INBOX') return refused<FolderOutcome>({ kind: 'notAllowed' });
      const parent = tree.childrenOf(node.id).length > 0;
      if (parent && node.mailbox === undefined) return refused<FolderOutcome>({ kind: 'hasChildren' });
      await dropMailbox(draft, { node, name: formatMailboxName(levels) });
      if (parent)
        draft.put(folderItem(draft.account, { ...node, mailbox: undefined, specialUse: undefined }));
      else {
        draft.delete(folderKey(draft.account, node.id));
        draft.delete(folderNameKey({ account: draft.account, parent: node.parent, name: node.name }));
      }
      return accepted<FolderOutcome>({ kind: 'done', mailbox: node.mailbox, rev: draft.rev });
    },
  };
}

async function dropMailbox(
  draft: Draft,
  options: { readonly node: FolderNode; readonly name: string },
): Promise<void> {
  const { node, name } = options;
  const { mailbox } = node;
  if (mailbox === undefined) {
    draft.logFolder({ kind: 'pruned', folder: node.id, name });
    return;
  }
  const state = sound(await draft.mailbox(mailbox), 'mailbox state');
  draft.setMailbox(mailbox, undefined);
  draft.changeClock({
    bytes: draft.clock.bytes - state.bytes,
    messages: draft.clock.messages - state.messages,
  });
  draft.logFolder({ kind: 'deleted', folder: node.id, mailbox, name });
}
