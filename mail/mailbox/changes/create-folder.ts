/** CREATE (RFC 9051 section 6.3.4), with special use (RFC 6154 section 3). */
import type { Change } from '../account-writer.ts';
import { accepted, refused } from '../account-writer.ts';
import { folderItem } from '../folder-item.ts';
import type { SpecialUse } from '../folder-item.ts';
import { formatMailboxName, parseMailboxName } from '../folder-name.ts';
import { FolderTree } from '../folder-tree.ts';
import { folderPrefix } from '../keys.ts';
import { maxFolders } from '../limits.ts';
import type { FolderOutcome } from '../outcome.ts';
import type { RandomBytes } from '../types.ts';
import { makeFolder, makeMailbox, makeParents } from './folder-parents.ts';

/** A trailing separator, by which old clients say that folders will follow below, is taken off. */
export function createFolderChange(options: {
  readonly name: string;
  readonly specialUse: SpecialUse | undefined;
  readonly random: RandomBytes;
}): Change<FolderOutcome> {
  const { specialUse, random } = options;
  const levels = parseMailboxName(options.name.replace(/\/$/, ''));
  return {
    until: 'flushed',
    async plan(draft) {
      if (levels === undefined) return refused<FolderOutcome>({ kind: 'badName' });
      const tree = new FolderTree(await draft.list(folderPrefix));
      const there = tree.find(levels);
      if (there?.mailbox !== undefined) return refused<FolderOutcome>({ kind: 'exists' });
      if (specialUse !== undefined && [...tree.nodes].some((node) => node.specialUse === specialUse))
        return refused<FolderOutcome>({ kind: 'specialUseTaken' });
      if (there !== undefined) {
        const mailbox = makeMailbox(draft, random);
        draft.put(
          folderItem(draft.account, { ...there, mailbox, specialUse: specialUse ?? there.specialUse }),
        );
        const name = formatMailboxName(levels);
        draft.logFolder({ kind: 'created', folder: there.id, mailbox, name });
        return accepted<FolderOutcome>({ kind: 'done', mailbox, rev: draft.rev });
      }
      const { parent, made } = makeParents(draft, { tree, levels, random });
      if (tree.size + made + 1 > maxFolders) return refused<FolderOutcome>({ kind: 'tooMany' });
      const { mailbox } = makeFolder(draft, { levels, parent, specialUse, random });
      return accepted<FolderOutcome>({ kind: 'done', mailbox, rev: draft.rev });
    },
  };
}
