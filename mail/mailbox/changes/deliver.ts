/** Delivery: each message one change of its own, so that what waits together becomes one commit, and each counts alone. */
import type { Write } from '../../ports/table.ts';
import type { Change } from '../account-writer.ts';
import { accepted, refused } from '../account-writer.ts';
import type { Draft } from '../draft.ts';
import { findFolder } from '../find-folder.ts';
import { parseMailboxName } from '../folder-name.ts';
import type { DeliveryOutcome } from '../outcome.ts';
import { sound } from '../types.ts';
import type { MailboxId } from '../types.ts';
import { planMessage } from './add-message.ts';
import type { PreparedMessage } from './add-message.ts';

/** Files a message once: where its `message#` is found it is done. Flags that the mailbox cannot take are left off. */
export function deliverChange(delivery: {
  readonly message: PreparedMessage;
  readonly folder: string | undefined;
  readonly writes: readonly Write[];
}): Change<DeliveryOutcome> {
  let duplicate = false;
  const done = new Set<Write>();
  return {
    until: 'flushed',
    async plan(draft) {
      if (duplicate) return refused<DeliveryOutcome>({ kind: 'duplicate' });
      const mailbox = await targetOf(draft, delivery.folder);
      const whenDuplicate = () => {
        duplicate = true;
      };
      let added = await planMessage(draft, { mailbox, message: delivery.message, whenDuplicate });
      if (added.kind === 'tooManyKeywords' || added.kind === 'badKeyword') {
        const { system } = delivery.message.flags;
        const message = { ...delivery.message, flags: { system, keywords: [] } };
        added = await planMessage(draft, { mailbox, message, whenDuplicate });
      }
      if (added.kind === 'overQuota' || added.kind === 'duplicate') return refused<DeliveryOutcome>(added);
      if (added.kind !== 'added') throw new Error('a message without keywords was refused for them');
      for (const write of delivery.writes) if (!done.has(write)) addWrite(draft, { write, done });
      return accepted<DeliveryOutcome>({ kind: 'delivered', mailbox, uid: added.uid, rev: draft.rev });
    },
  };
}

/** Mail is never lost for want of a folder: INBOX is always there. */
async function targetOf(draft: Draft, folder: string | undefined): Promise<MailboxId> {
  const levels = folder === undefined ? undefined : parseMailboxName(folder);
  const { account } = draft;
  const named = levels === undefined ? undefined : await findFolder(draft, { account, levels });
  if (named?.mailbox !== undefined) return named.mailbox;
  return sound((await findFolder(draft, { account, levels: ['INBOX'] }))?.mailbox, 'INBOX');
}

function addWrite(draft: Draft, options: { readonly write: Write; readonly done: Set<Write> }): void {
  const { write, done } = options;
  const whenFailed = () => void done.add(write);
  switch (write.kind) {
    case 'put':
      draft.put(write.item, write.condition === undefined ? {} : { condition: write.condition, whenFailed });
      return;
    case 'delete':
    case 'check':
      throw new TypeError('a delivery can only put items beside its message');
    default:
      return write satisfies never;
  }
}
