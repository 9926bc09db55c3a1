/** The page of a block that is complete (`envelope-page.ts`), from the indexes of the messages that it shows. */
import { queryAll } from '../../ports/table.ts';
import type { Log } from '../../ports/log.ts';
import { parseBlockItem } from '../block.ts';
import { writeAlone } from '../compare-and-set.ts';
import type { CompareAndSetPorts } from '../compare-and-set.ts';
import { countOf, envelopePage, envelopePageItem } from '../envelope-page.ts';
import type { EnvelopePage, EnvelopePageForm } from '../envelope-page.ts';
import { hasSideObject, readOwnIndex } from '../index-record.ts';
import { blockKey, envelopePageKey, indexRange, parseIndexSortKey } from '../keys.ts';
import type { CompleteBlock } from '../log-record.ts';
import { DamagedItem } from '../types.ts';
import type { Uid } from '../types.ts';
import { whereaboutsOf } from '../whereabouts.ts';

/** What writing a page needs. */
export interface PagePorts extends CompareAndSetPorts {
  readonly log: Log;
  readonly envelopePages: EnvelopePageForm;
}

/** Writes it unless it is there; none where anything of it is damaged: nobody needs it. Throws `CompareAndSetFailed`. */
export async function writeEnvelopePage(ports: PagePorts, complete: CompleteBlock): Promise<void> {
  const { table, log, envelopePages: form } = ports;
  const { account, mailbox, block } = complete;
  try {
    const page = await readPage(ports, complete);
    if (countOf(page) === 0) return;
    const item = envelopePageItem(mailbox, { block, page, form });
    await writeAlone(ports, { kind: 'put', item, condition: { kind: 'absent' } }, { until: 'visible' });
  } catch (fault) {
    if (!(fault instanceof DamagedItem)) throw fault;
    log.error('feed.envelopePageNotWritten', fault, { account, mailbox, block });
    return;
  }
  // Who deleted all of the mailbox meanwhile has passed the page by, and nobody would come again.
  const { isThere, accountRemoved } = await whereaboutsOf(table, complete);
  if (!isThere || accountRemoved)
    await writeAlone(ports, { kind: 'delete', key: envelopePageKey(mailbox, block) }, { until: 'visible' });
}

/**
 * Only of what the block still shows: what was expunged before is Feed's next work, or was taken out already, and nothing
 * would take it out of the page.
 */
async function readPage({ table }: PagePorts, { mailbox, block }: CompleteBlock): Promise<EnvelopePage> {
  const item = await table.get(blockKey(mailbox, block));
  const shown = new Set<Uid>(item && parseBlockItem(item).map(({ uid }) => uid));
  const envelopes: (readonly [Uid, string])[] = [];
  if (shown.size > 0)
    for await (const index of queryAll(table, indexRange(mailbox, block))) {
      const uid = parseIndexSortKey(index.sk);
      // What is too large for an item is read by itself.
      if (uid === undefined || !shown.has(uid) || hasSideObject(index)) continue;
      envelopes.push([uid, readOwnIndex(index).envelope]);
    }
  return envelopePage(envelopes);
}
