/** The page of a block that is complete (`envelope-page.ts`), from the indexes of the messages that it shows. */
import { queryAll } from '../../ports/table.ts';
import { parseBlockItem } from '../block.ts';
import { writeAlone } from '../compare-and-set.ts';
import type { CompareAndSetPorts } from '../compare-and-set.ts';
import { countOf, envelopePage, envelopePageItem } from '../envelope-page.ts';
import type { EnvelopePageForm } from '../envelope-page.ts';
import { hasSideObject, readOwnIndex } from '../index-record.ts';
import { blockKey, indexRange, parseIndexSortKey } from '../keys.ts';
import type { MailboxId, Uid } from '../types.ts';

/**
 * Writes it unless it is there. Only with what the block still shows: what was expunged before is Feed's next work, or was
 * taken out already, and nothing would take it out of the page. Throws `CompareAndSetFailed`, `DamagedItem`.
 */
export async function writeEnvelopePage(
  ports: CompareAndSetPorts & { readonly envelopePages: EnvelopePageForm },
  { mailbox, block }: { readonly mailbox: MailboxId; readonly block: number },
): Promise<void> {
  const { table, envelopePages: form } = ports;
  const item = await table.get(blockKey(mailbox, block));
  if (item === undefined) return;
  const shown = new Set<Uid>(parseBlockItem(item).map(({ uid }) => uid));
  const envelopes: (readonly [Uid, string])[] = [];
  for await (const index of queryAll(table, indexRange(mailbox, block))) {
    const uid = parseIndexSortKey(index.sk);
    // What is too large for an item is read by itself.
    if (uid === undefined || !shown.has(uid) || hasSideObject(index)) continue;
    envelopes.push([uid, readOwnIndex(index).envelope]);
  }
  const page = envelopePage(envelopes);
  if (countOf(page) === 0) return;
  const put = { kind: 'put', item: envelopePageItem(mailbox, { block, page, form }) } as const;
  await writeAlone(ports, { ...put, condition: { kind: 'absent' } }, { until: 'visible' });
}
