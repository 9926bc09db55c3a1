/**
 * A message that goes for good leaves the page of envelopes that it is in, and with it all that its block no longer shows:
 * their time is near, and a page is written once where it would be written for each.
 */
import type { Write } from '../../ports/table.ts';
import { parseBlockItem } from '../block.ts';
import { compareAndSet } from '../compare-and-set.ts';
import {
  countOf,
  envelopeIn,
  envelopePageItem,
  formOf,
  parseEnvelopePage,
  unchangedPage,
  withoutEnvelopes,
} from '../envelope-page.ts';
import { blockKey, blockOf, envelopePageKey } from '../keys.ts';
import type { Place } from '../message-item.ts';
import { DamagedItem } from '../types.ts';
import type { SweepRun } from './sweep-run.ts';

/**
 * Where page or block is damaged the page goes as a whole: its messages are read from their indexes. Throws
 * `CompareAndSetFailed`.
 */
export async function leaveEnvelopePage({ ports }: SweepRun, { mailbox, uid }: Place): Promise<void> {
  const block = blockOf(uid);
  const key = envelopePageKey(mailbox, block);
  await compareAndSet(ports, async (): Promise<readonly Write[]> => {
    const item = await ports.table.get(key);
    if (item === undefined) return [];
    try {
      const page = parseEnvelopePage(item);
      if (envelopeIn(page, uid) === undefined) return [];
      const records = await ports.table.get(blockKey(mailbox, block));
      const shown = new Set<number>(records && parseBlockItem(records).map((record) => record.uid));
      const left = withoutEnvelopes(page, { block, isKept: (each) => each !== uid && shown.has(each) });
      const condition = unchangedPage(item);
      if (countOf(left) === 0) return [{ kind: 'delete', key, condition }];
      const put = envelopePageItem(mailbox, { block, page: left, form: formOf(item) });
      return [{ kind: 'put', item: put, condition }];
    } catch (fault) {
      if (!(fault instanceof DamagedItem)) throw fault;
      ports.log.error('sweep.envelopePageDamaged', fault, { mailbox, block });
      return [{ kind: 'delete', key }];
    }
  });
}
