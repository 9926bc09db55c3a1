/** Pages of envelopes: what they hold, who writes them, who reads them, and that what is deleted for good leaves them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  envelopeIn,
  envelopePage,
  envelopePageItem,
  parseEnvelopePage,
  withoutEnvelopes,
  type EnvelopePageForm,
} from '../../../mail/mailbox/envelope-page.ts';
import { handleCommit } from '../../../mail/mailbox/feed/handle-commit.ts';
import { findEnvelopes } from '../../../mail/mailbox/find-envelopes.ts';
import { blockKey, envelopePageKey, indexKey, indexPrefix } from '../../../mail/mailbox/keys.ts';
import { maxPagedEnvelopeBytes } from '../../../mail/mailbox/limits.ts';
import { forFeed } from '../../../mail/mailbox/log-record.ts';
import { DamagedItem, type Uid } from '../../../mail/mailbox/types.ts';
import type { Item, Key, Table } from '../../../mail/ports/table.ts';
import { mailboxNamed, numbered, uidOf } from './mail-kit.ts';
import { dayMs, deliverStored, messageOf, retentionDays, storedMessage, sweepKit } from './sweep-kit.ts';
import type { SweepKit } from './sweep-kit.ts';

const forms: readonly EnvelopePageForm[] = ['plain', 'packed'];
const uids = (from: number, to: number): readonly Uid[] =>
  Array.from({ length: to - from + 1 }, (_, at) => uidOf(from + at));

/** The uids of a block's page, or undefined where it has none. */
async function pagedUids(kit: SweepKit, { mailbox = kit.inbox, block = 0 } = {}) {
  const item = await kit.table.get(envelopePageKey(mailbox, block));
  if (item === undefined) return undefined;
  const page = parseEnvelopePage(item);
  return uids(Math.max(1, block * 64), block * 64 + 63).filter((uid) => envelopeIn(page, uid) !== undefined);
}

/** Those that Feed is handed in AWS, and on one machine. */
const forFeedOf = (records: readonly Item[]) => records.filter((record) => record[forFeed] === true);

/** The table, but for what is done in another way. */
function over(table: Table, otherwise: Partial<Table>): Table {
  return {
    limits: table.limits,
    get: (...given) => table.get(...given),
    getMany: (...given) => table.getMany(...given),
    query: (...given) => table.query(...given),
    commit: (...given) => table.commit(...given),
    ...otherwise,
  };
}

/** The table, and how many indexes and pages are read from it. */
function counting(table: Table) {
  const read = { indexes: 0, pages: 0 };
  const getMany: Table['getMany'] = (keys, options) => {
    const indexes = keys.filter(({ sk }: Key) => sk.startsWith(indexPrefix)).length;
    read.indexes += indexes;
    read.pages += keys.length - indexes;
    return table.getMany(keys, options);
  };
  return { read, table: over(table, { getMany }) };
}

async function envelopesOf(kit: SweepKit, wanted: readonly Uid[], uidNext = 1_000_000) {
  const { read, table } = counting(kit.table);
  const { blobs, log } = kit;
  const found = await findEnvelopes(
    { table, blobs, log },
    { mailbox: kit.inbox, uids: wanted, uidNext: uidOf(uidNext) },
  );
  return { found, read };
}

async function expectedEnvelopes(kit: SweepKit, wanted: readonly Uid[]) {
  const open = await kit.mail.open(kit.inbox);
  if (open.kind !== 'open') return assert.fail(open.kind);
  const indexes = await open.findMessages(wanted);
  open.close();
  return indexes.map((index) => index?.envelope);
}

for (const form of forms)
  test(`a page that is ${form} gives back its envelopes, whatever octets are in them`, async () => {
    await using kit = await sweepKit();
    const octets = String.fromCharCode(...Array.from({ length: 255 }, (_, at) => at + 1));
    const given = [
      [uidOf(64), `(NIL "${octets}")`],
      [uidOf(127), '(NIL {4}\r\na\r\nb)'],
    ] as const;
    const item = envelopePageItem(kit.inbox, { block: 1, page: envelopePage(given), form });
    await kit.table.commit([{ kind: 'put', item }]);
    const stored = await kit.table.get(envelopePageKey(kit.inbox, 1));
    assert.ok(stored);
    const page = parseEnvelopePage(stored);
    for (const [uid, envelope] of given) assert.equal(envelopeIn(page, uid), envelope);
    assert.equal(envelopeIn(page, uidOf(65)), undefined);
    assert.equal(stored['messages'], 2);
  });

test('what is longer than a page takes, in bytes of UTF-8, is not in it', () => {
  const longest = 'a'.repeat(maxPagedEnvelopeBytes);
  const page = envelopePage([
    [uidOf(1), longest],
    [uidOf(2), `${longest}a`],
    [uidOf(3), '\u00e9'.repeat(maxPagedEnvelopeBytes / 2 + 1)],
    [uidOf(4), 'a\0b'],
  ]);
  assert.deepEqual(
    [1, 2, 3, 4].map((uid) => envelopeIn(page, uidOf(uid))),
    [longest, undefined, undefined, undefined],
  );
});

test('a damaged page is told as such', () => {
  const key = { pk: 'p', sk: 's' };
  const damaged = [
    { ...key, messages: 1 },
    { ...key, envelopes: 'a\0b' },
    { ...key, packed: Uint8Array.of(1, 2, 3) },
  ];
  for (const item of damaged) assert.throws(() => parseEnvelopePage(item), DamagedItem);
});

test('the commit that gives the last uid of a block is for Feed, which writes the page', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, numbered('m', 62));
  assert.deepEqual(forFeedOf(await kit.runFeed()), []);
  await deliverStored(kit, ['last', 'next']);
  const records = await kit.runFeed();
  assert.equal(forFeedOf(records).length, 1);
  assert.deepEqual(await pagedUids(kit), uids(1, 63));
  assert.equal(await pagedUids(kit, { block: 1 }), undefined);
});

test('a COPY that completes several blocks has them all written', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, numbered('m', 140));
  const archive = await mailboxNamed(kit.mail, 'Archive');
  await kit.mail.copy({ from: kit.inbox, to: archive, uids: uids(1, 140) });
  await kit.runFeed();
  assert.deepEqual(await pagedUids(kit, { mailbox: archive }), uids(1, 63));
  assert.deepEqual(await pagedUids(kit, { mailbox: archive, block: 1 }), uids(64, 127));
  assert.equal(await pagedUids(kit, { mailbox: archive, block: 2 }), undefined);
});

test('what was expunged before Feed came is not in the page, and a repeat changes nothing', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, numbered('m', 63));
  await kit.mail.expunge({ mailbox: kit.inbox, uids: [uidOf(7)], any: true });
  const records = await kit.runFeed();
  assert.deepEqual(
    await pagedUids(kit),
    uids(1, 63).filter((uid) => uid !== 7),
  );
  await kit.mail.expunge({ mailbox: kit.inbox, uids: [uidOf(8)], any: true });
  const before = await kit.table.get(envelopePageKey(kit.inbox, 0));
  for (const record of records) await handleCommit(kit.feedPorts(), record);
  assert.deepEqual(await kit.table.get(envelopePageKey(kit.inbox, 0)), before);
});

test('envelopes are the same from pages as from indexes, and of what is in pages no index is read', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, numbered('m', 150));
  await kit.mail.expunge({ mailbox: kit.inbox, uids: [uidOf(5)], any: true });
  const wanted = uids(1, 150);
  const expected = await expectedEnvelopes(kit, wanted);
  assert.deepEqual((await envelopesOf(kit, wanted)).found, expected);
  await kit.runFeed();
  const { found, read } = await envelopesOf(kit, wanted, 151);
  assert.deepEqual(found, expected);
  // The one that is expunged, and those of the block that is not complete, for which no page is asked.
  assert.deepEqual(read, { indexes: 1 + 23, pages: 2 });
});

test('a few messages of a block are read one by one', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, numbered('m', 63));
  await kit.runFeed();
  assert.deepEqual((await envelopesOf(kit, uids(3, 9))).read, { indexes: 7, pages: 0 });
  assert.deepEqual((await envelopesOf(kit, uids(3, 10))).read, { indexes: 0, pages: 1 });
});

test('where only some can be held at once, the answer ends before the first that is not read', async () => {
  await using kit = await sweepKit();
  const large = { envelope: 'e'.repeat(100_000) };
  const names = numbered('m', 63);
  const isLarge = (at: number) => at % 10 === 9;
  await kit.mail.deliver(
    names.map((name, at) => {
      const message = storedMessage(kit, name);
      return isLarge(at) ? { ...message, index: { ...message.index, ...large } } : message;
    }),
  );
  await kit.runFeed();
  const { found } = await envelopesOf(kit, uids(1, 63));
  assert.deepEqual(found, await expectedEnvelopes(kit, uids(1, 49)));
});

test('a damaged page is told of, and its messages are read from their indexes', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, numbered('m', 63));
  await kit.runFeed();
  const item = { ...envelopePageKey(kit.inbox, 0), messages: 63, envelopes: 'no page' };
  await kit.table.commit([{ kind: 'put', item }]);
  const { found } = await envelopesOf(kit, uids(1, 63));
  assert.deepEqual(found, await expectedEnvelopes(kit, uids(1, 63)));
  assert.ok(kit.log.lines.some(({ event }) => event === 'mailbox.envelopePageDamaged'));
});

for (const form of forms)
  test(`what goes for good leaves a page that is ${form}, and so does what is only expunged`, async () => {
    await using kit = await sweepKit({ envelopePages: form });
    await deliverStored(kit, numbered('m', 63));
    await kit.runFeed();
    await kit.mail.expunge({ mailbox: kit.inbox, uids: uids(1, 20), any: true });
    await kit.runFeed();
    assert.deepEqual(await pagedUids(kit), uids(1, 63));
    kit.clock.nowMs += dayMs;
    await kit.mail.expunge({ mailbox: kit.inbox, uids: uids(21, 22), any: true });
    await kit.runFeed();
    kit.clock.nowMs += retentionDays * dayMs - 1;
    const counts = await kit.sweep();
    assert.deepEqual([counts.places, counts.failed], [20, 0]);
    assert.deepEqual(await pagedUids(kit), uids(23, 63));
    assert.notEqual(await messageOf(kit, 'm21'), undefined);
    await kit.mail.expunge({ mailbox: kit.inbox, uids: uids(23, 63), any: true });
    await kit.runFeed();
    kit.clock.nowMs += (retentionDays + 1) * dayMs;
    await kit.sweep();
    assert.equal(await pagedUids(kit), undefined);
  });

test('where another sweep was quicker, what it took out of a page stays out', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, numbered('m', 63));
  await kit.runFeed();
  await kit.mail.expunge({ mailbox: kit.inbox, uids: [uidOf(1)], any: true });
  await kit.runFeed();
  kit.clock.nowMs += (retentionDays + 1) * dayMs;
  const key = envelopePageKey(kit.inbox, 0);
  let first = true;
  const get: Table['get'] = async (asked, options) => {
    const item = await kit.table.get(asked, options);
    const page = first && asked.sk === blockKey(kit.inbox, 0).sk ? await kit.table.get(key) : undefined;
    if (page === undefined) return item;
    first = false;
    // As of now the block still shows the second message; the other sweep has it gone.
    const left = withoutEnvelopes(parseEnvelopePage(page), { block: 0, isKept: (uid) => uid > 2 });
    await kit.table.commit([
      { kind: 'put', item: envelopePageItem(kit.inbox, { block: 0, page: left, form: 'plain' }) },
    ]);
    return item;
  };
  await kit.sweep({ table: over(kit.table, { get }) });
  assert.ok(!first);
  assert.deepEqual(await pagedUids(kit), uids(3, 63));
});

test('where an index or the block is damaged there is no page, and the rest of what Feed does is done', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, numbered('m', 63));
  const index = await kit.table.get(indexKey(kit.inbox, uidOf(7)));
  await kit.table.commit([
    { kind: 'put', item: { ...index, ...indexKey(kit.inbox, uidOf(7)), envelope: 1 } },
  ]);
  await kit.runFeed();
  assert.equal(await pagedUids(kit), undefined);
  assert.ok(kit.log.lines.some(({ event }) => event === 'feed.envelopePageNotWritten'));
});

test('a page that was written while its mailbox was deleted, or its account removed, is deleted', async () => {
  for (const goes of ['mailbox', 'account'] as const) {
    await using kit = await sweepKit();
    const junk = await mailboxNamed(kit.mail, 'Junk');
    await kit.mail.deliver(numbered('m', 63).map((id) => ({ ...storedMessage(kit, id), folder: 'Junk' })));
    const [record] = (await kit.feed.read({ max: 100, waitMs: 0 })).toReversed();
    assert.ok(record);
    const commit: Table['commit'] = async (writes, options) => {
      const [write] = writes;
      if (write?.kind === 'put' && write.item.sk.startsWith('e#'))
        await (goes === 'mailbox' ? kit.mail.deleteFolder('Junk') : kit.mail.remove());
      return kit.table.commit(writes, options);
    };
    const table = over(kit.table, { commit });
    await handleCommit(kit.feedPorts(table), record.item);
    assert.equal(await pagedUids(kit, { mailbox: junk }), undefined, goes);
  }
});

test('a damaged page goes when a message of its block goes for good', async () => {
  await using kit = await sweepKit();
  await deliverStored(kit, ['a']);
  const item = { ...envelopePageKey(kit.inbox, 0), messages: 1, envelopes: 'no page' };
  await kit.table.commit([{ kind: 'put', item }]);
  await kit.mail.expunge({ mailbox: kit.inbox, uids: [uidOf(1)], any: true });
  await kit.runFeed();
  kit.clock.nowMs += (retentionDays + 1) * dayMs;
  assert.equal((await kit.sweep()).places, 1);
  assert.equal(await kit.table.get(envelopePageKey(kit.inbox, 0)), undefined);
  assert.ok(kit.log.lines.some(({ event }) => event === 'sweep.envelopePageDamaged'));
});
