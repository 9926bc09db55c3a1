/** SUBSCRIBE and UNSUBSCRIBE (RFC 9051 sections 6.3.7 and 6.3.8): by name, whether there is such a folder or not. */
import type { Change } from '../account-writer.ts';
import { accepted, refused } from '../account-writer.ts';
import { subscriptionItem } from '../folder-item.ts';
import { formatMailboxName, parseMailboxName } from '../folder-name.ts';
import { subscriptionKey, subscriptionPrefix } from '../keys.ts';
import { maxSubscriptions } from '../limits.ts';
import type { FolderOutcome } from '../outcome.ts';

/** `done` too where nothing had to change. */
export function subscribeChange(options: {
  readonly name: string;
  readonly subscribed: boolean;
}): Change<FolderOutcome> {
  const levels = parseMailboxName(options.name);
  return {
    until: 'flushed',
    async plan(draft) {
      if (levels === undefined) return refused<FolderOutcome>({ kind: 'badName' });
      const name = formatMailboxName(levels);
      const key = subscriptionKey(draft.account, name);
      const there = (await draft.get(key)) !== undefined;
      const done: FolderOutcome = { kind: 'done', mailbox: undefined, rev: draft.rev };
      if (there === options.subscribed) return refused<FolderOutcome>({ ...done, rev: draft.before.rev });
      if (!options.subscribed) {
        draft.delete(key);
        draft.logFolder({ kind: 'unsubscribed', name });
        return accepted(done);
      }
      if ((await draft.list(subscriptionPrefix)).length >= maxSubscriptions)
        return refused<FolderOutcome>({ kind: 'tooMany' });
      draft.put(subscriptionItem(draft.account, { name, atMs: draft.nowMs }));
      draft.logFolder({ kind: 'subscribed', name });
      return accepted(done);
    },
  };
}
