/** Takes out again what a cut COPY or MULTIAPPEND had added: after its failure, or by the sweep after a crash. */
import type { AccountWriter, Change } from '../account-writer.ts';
import { accepted, refused } from '../account-writer.ts';
import { bulkItem, parseBulkItem, takeLast } from '../bulk-item.ts';
import { bulkKey } from '../keys.ts';
import { findRecords, removeRecords } from './records.ts';

/**
 * Undoes a `bulk#` record part by part, and the record last; nothing where it is gone. From the first part on, the
 * bulk's own writer finds that it is being undone and stops. Throws `CommitFailed`.
 */
export async function undoBulk(writer: AccountWriter, token: string): Promise<void> {
  for (;;) {
    const end = await writer.submit(undoPart(token));
    if (end.kind !== 'more') return;
  }
}

/** So many messages a commit: at worst each is in a block of its own. */
const messagesAPart = 64;

function undoPart(token: string): Change<{ readonly kind: 'more' | 'done' }> {
  return {
    until: 'flushed',
    async plan(draft) {
      const key = bulkKey(draft.account, token);
      const item = await draft.get(key);
      if (item === undefined) return refused({ kind: 'done' });
      const bulk = parseBulkItem(item);
      const { uids, left } = takeLast(bulk.added, messagesAPart);
      const { mailbox } = bulk;
      if ((await draft.mailbox(mailbox)) !== undefined) {
        const { records } = await findRecords(draft, { mailbox, uids });
        await removeRecords(draft, { mailbox, records });
      }
      if (left.length === 0) draft.delete(key);
      else draft.put({ ...bulkItem(draft.account, { ...bulk, added: left }), undone: true });
      return accepted({ kind: left.length === 0 ? 'done' : 'more' });
    },
  };
}
