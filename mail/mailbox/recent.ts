/** `\Recent` (RFC 3501 section 2.3.2): a watermark in `mailbox#<id>`/`recent`, moved by compare and set outside the commit. */
import type { Clock } from '../ports/clock.ts';
import type { Table } from '../ports/table.ts';
import { numberOf } from './attributes.ts';
import { pause } from './commit.ts';
import { recentKey } from './keys.ts';
import { maxRedos } from './limits.ts';
import { parseUid, sound } from './types.ts';
import type { MailboxId, RandomBytes, Uid } from './types.ts';

/**
 * Claims the messages below `upTo` (a uidNext) that no session had before; the first uid of them, `upTo` where there is
 * none. A claim whose answer was lost may be lost with it: `\Recent` is a hint.
 */
export async function claimRecent(
  ports: { readonly table: Table; readonly clock: Clock; readonly random: RandomBytes },
  options: { readonly mailbox: MailboxId; readonly upTo: Uid },
): Promise<Uid> {
  const { mailbox, upTo } = options;
  const key = recentKey(mailbox);
  for (let attempt = 0; attempt < maxRedos; attempt++) {
    const item = await ports.table.get(key);
    const uid = item === undefined ? 1 : numberOf(item, 'uid');
    if (uid >= upTo) return upTo;
    const condition =
      item === undefined
        ? ({ kind: 'absent' } as const)
        : ({ kind: 'equals', attribute: 'uid', value: uid } as const);
    const outcome = await ports.table.commit([{ kind: 'put', item: { ...key, uid: upTo }, condition }], {
      until: 'visible',
    });
    if (outcome.kind === 'committed') return sound(parseUid(uid), 'uid');
    await pause(ports, Math.min(attempt, 6));
  }
  return upTo;
}
