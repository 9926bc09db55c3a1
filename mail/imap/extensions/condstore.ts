/**
 * CONDSTORE (RFC 7162 section 3.1). A mod-sequence is the number of the account's commit that last changed a message,
 * so it is never 0 and never falls. HIGHESTMODSEQ is told at every SELECT, whether the client knows it or not.
 */
import { parseRev } from '../../mailbox/types.ts';
import { always } from '../extension.ts';
import type { DataItemKind, FetchModifier, RecordItem } from '../fetch/data-item.ts';
import { byRecord, type SearchKey } from '../search/search-key.ts';
import type { SelectParameter } from '../select-parameter.ts';
import type { Session } from '../session.ts';
import type { StatusItem } from '../status-item.ts';
import type { StoreModifier } from '../store-modifier.ts';

/** No mod-sequence is above it. */
const maxRev = 2 ** 47;

/** From now on the client is told of mod-sequences; of the selected mailbox's at once (RFC 7162 section 3.1). */
function enableCondstore(session: Session): void {
  if (session.condstore) return;
  session.condstore = true;
  const selected = session.maybeSelected;
  if (selected !== undefined)
    session.out.untagged(`OK [HIGHESTMODSEQ ${selected.view.highestModSeq}] The mailbox's mod-sequence`);
}

/** FETCH (MODSEQ): section 3.1.5. */
export const modSeqItem: RecordItem = {
  from: 'record',
  asked: enableCondstore,
  text: ({ record }) => `MODSEQ (${record.modSeq})`,
};

const modSeqItemKind: DataItemKind = {
  name: 'MODSEQ',
  rfcs: ['RFC 7162 section 3.1.5'],
  parse: () => modSeqItem,
};

/** FETCH … (CHANGEDSINCE 7): section 3.1.4.1. */
const changedSince: FetchModifier = {
  name: 'CHANGEDSINCE',
  rfcs: ['RFC 7162 section 3.1.4.1'],
  parse(args) {
    args.space();
    const since = args.modSequence();
    if (since === undefined) return undefined;
    return { matches: ({ modSeq }) => modSeq > since, items: [modSeqItem] };
  },
};

/** STORE … (UNCHANGEDSINCE 7): section 3.1.3. */
const unchangedSince: StoreModifier = {
  name: 'UNCHANGEDSINCE',
  rfcs: ['RFC 7162 section 3.1.3'],
  parse(args) {
    args.space();
    const since = args.modSequence();
    if (since === undefined) return undefined;
    return { unchangedSince: parseRev(Math.min(since, maxRev)) ?? 0, asked: enableCondstore };
  },
};

const entryName = /"\/flags\/[^"\\]*(?:\\.[^"\\]*)*"/y;

/**
 * SEARCH MODSEQ "/flags/\\seen" all 7: section 3.1.5. A message has one mod-sequence for all its flags, so which flag
 * is meant does not matter, as the RFC asks.
 */
const modSeqKey: SearchKey = {
  name: 'MODSEQ',
  rfcs: ['RFC 7162 section 3.1.5'],
  asked: enableCondstore,
  tellsModSeq: true,
  parse(args) {
    args.space();
    if (args.looksAt('"')) {
      args.take(entryName, 'a name like "/flags/\\\\seen"');
      args.space();
      args.take(/all|priv|shared/iy, 'all, priv or shared');
      args.space();
    }
    const since = args.modSequence();
    return since === undefined ? undefined : byRecord(({ record }) => record.modSeq >= since);
  },
};

/** SELECT … (CONDSTORE): section 3.1.8. */
const selectParameter: SelectParameter = {
  name: 'CONDSTORE',
  rfcs: ['RFC 7162 section 3.1.8'],
  parse: () => (session) => void (session.condstore = true),
};

/** STATUS … (HIGHESTMODSEQ): section 3.1.7. */
const statusItem: StatusItem = {
  name: 'HIGHESTMODSEQ',
  rfcs: ['RFC 7162 section 3.1.7'],
  value: ({ highestModSeq }) => highestModSeq,
  asked: enableCondstore,
};

export const condstoreExtension = always('CONDSTORE', 'RFC 7162', {
  dataItems: [modSeqItemKind],
  fetchModifiers: [changedSince],
  storeModifiers: [unchangedSince],
  searchKeys: [modSeqKey],
  selectParameters: [selectParameter],
  statusItems: [statusItem],
  enable: enableCondstore,
});
