import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockItem, parseBlockItem, readBlockItem } from '../../../mail/mailbox/block.ts';
import { isKeyword, sortedKeywords } from '../../../mail/mailbox/flags.ts';
import { itemBytes } from '../../../mail/mailbox/item-size.ts';
import { blockKey } from '../../../mail/mailbox/keys.ts';
import { MessageColumns } from '../../../mail/mailbox/message-columns.ts';
import { packRecords, RecordReader, unpackRecords } from '../../../mail/mailbox/message-record.ts';
import type { MessageRecord } from '../../../mail/mailbox/message-record.ts';
import { packBlock, unpackBlock, unpackBlockRecords } from '../../../mail/mailbox/packed-block.ts';
import { DamagedItem, parseMailboxId, parseRev, sound } from '../../../mail/mailbox/types.ts';
import { seededInteger, seededRandom, uidOf } from './mail-kit.ts';

const mailbox = sound(parseMailboxId('box'), 'mailbox id');
const rounds = Number(process.env['POSTA_FUZZ_ROUNDS'] ?? 60);

function record(uid: number, rest: Partial<MessageRecord> = {}): MessageRecord {
  return {
    uid: uidOf(uid),
    system: 0,
    keywords: [],
    modSeq: sound(parseRev(1), 'rev'),
    size: 0,
    internalDateSeconds: 0,
    saveDateSeconds: 0,
    ...rest,
  };
}

function randomRecords(integer: (below: number) => number): readonly MessageRecord[] {
  const names = Array.from({ length: 1 + integer(64) }, (_, at) => `$Keyword${at}`);
  const first = 1 + integer(2 ** 31);
  return Array.from({ length: integer(65) }, (_, at) =>
    record(first + at, {
      system: integer(32),
      keywords: sortedKeywords(names.filter(() => integer(8) === 0)),
      modSeq: sound(parseRev(1 + integer(2 ** 31) * 2 ** 16), 'rev'),
      size: integer(2 ** 32),
      internalDateSeconds: integer(2 ** 32) * 4 - 2 ** 33,
      saveDateSeconds: integer(2 ** 32),
    }),
  );
}

test('records packed and unpacked are the same, whatever they hold', () => {
  const integer = seededInteger(seededRandom(7));
  for (let round = 0; round < rounds; round++) {
    const records = randomRecords(integer);
    assert.deepEqual(unpackRecords(packRecords(records)), records);
  }
});

test('records at the ends of their ranges are kept', () => {
  const records = [
    record(1, { internalDateSeconds: -1, saveDateSeconds: 2 ** 32 - 1, size: 2 ** 32 - 1 }),
    record(2 ** 32 - 1, { modSeq: sound(parseRev(2 ** 47), 'rev'), internalDateSeconds: 253_402_300_799 }),
  ];
  assert.deepEqual(unpackRecords(packRecords(records)), records);
});

test('a record without keywords takes 24 bytes, and with up to 32 or 64 of them in its block 28 or 32', () => {
  const keywords = sortedKeywords(Array.from({ length: 33 }, (_, at) => `k${at}`));
  assert.equal(packRecords([record(1)]).records.length, 24);
  assert.equal(packRecords([record(1, { keywords: ['a'] })]).records.length, 28);
  assert.equal(packRecords([record(1, { keywords })]).records.length, 32);
});

test('a block of cut bytes is a fault, not a guess', () => {
  const { keywords, records } = packRecords([record(1), record(2)]);
  assert.throws(() => new RecordReader({ keywords, records: records.subarray(1) }), DamagedItem);
});

test('a block item comes back as it was put', () => {
  const records = [record(64, { keywords: ['$Forwarded'], system: 9 }), record(127)];
  const item = blockItem(mailbox, { block: 1, records });
  assert.equal(item.sk, 's#00000001');
  assert.deepEqual(parseBlockItem(item), records);
});

test('blocks come back as they were, whatever their records hold', () => {
  const integer = seededInteger(seededRandom(8));
  for (let round = 0; round < rounds; round++) {
    const records = randomRecords(integer);
    assert.deepEqual(parseBlockItem(blockItem(mailbox, { block: 1, records })), records);
  }
  const ends = [
    record(1, { internalDateSeconds: -1, saveDateSeconds: 2 ** 32 - 1, size: 2 ** 32 - 1 }),
    record(2 ** 32 - 1, { modSeq: sound(parseRev(2 ** 47), 'rev'), internalDateSeconds: 253_402_300_799 }),
  ];
  assert.deepEqual(parseBlockItem(blockItem(mailbox, { block: 1, records: ends })), ends);
});

test('a block item of before, its records at their full width, is read', () => {
  const records = [record(64, { keywords: ['$Forwarded'], system: 9 }), record(127)];
  const { keywords, records: bytes } = packRecords(records);
  const item = { ...blockKey(mailbox, 1), keywords, records: bytes };
  assert.deepEqual(parseBlockItem(item), records);
});

test('a full block is below the 1 KB of one write unit, of mail that came and of mail that was imported', () => {
  const integer = seededInteger(seededRandom(9));
  const block = (imported: boolean) => {
    let [internal, modSeq] = [1_795_000_000, 40_000];
    return Array.from({ length: 64 }, (_, at) => {
      internal += integer(20_000);
      modSeq += imported ? 0 : integer(50);
      return record(64_000 + at, {
        system: integer(32),
        modSeq: sound(parseRev(modSeq), 'rev'),
        size: 2000 + integer(100_000),
        internalDateSeconds: internal,
        saveDateSeconds: imported ? 1_798_000_000 : internal + integer(3),
      });
    });
  };
  for (const imported of [false, true]) {
    const item = blockItem(sound(parseMailboxId('9983d26a6917d5f1dbb9'), 'mailbox id'), {
      block: 1000,
      records: block(imported),
    });
    assert.ok(itemBytes(item) < 1024 + 100);
    assert.ok((item['packed'] as Uint8Array).length < 930);
  }
});

test('a packed block that is cut, or of a version that is not known, is a fault, not a guess', () => {
  const { keywords, packed } = packBlock([record(1), record(2)]);
  for (const bytes of [packed.subarray(0, packed.length - 1), Uint8Array.of(9), new Uint8Array(0)])
    for (const unpack of [unpackBlock, unpackBlockRecords])
      assert.throws(() => unpack({ keywords, packed: bytes }), DamagedItem);
  const tooMany = Array.from({ length: 65 }, (_, number) => `k${number}`);
  for (const unpack of [unpackBlock, unpackBlockRecords])
    assert.throws(() => unpack({ keywords: tooMany, packed }), DamagedItem);
});

test('columns hold what records say after any sequence of sets and removals', () => {
  const integer = seededInteger(seededRandom(11));
  const columns = new MessageColumns(4);
  const model = new Map<number, MessageRecord>();
  for (let round = 0; round < rounds; round++) {
    const records = Array.from({ length: integer(6) }, () =>
      record(1 + integer(200), { system: integer(32), keywords: integer(3) === 0 ? ['a', 'b'] : [] }),
    );
    for (const each of records) {
      columns.set(each);
      model.set(each.uid, each);
    }
    const gone = Array.from({ length: 1 + integer(5) }, () => 1 + integer(200));
    columns.removeAll(gone);
    for (const uid of gone) model.delete(uid);
    const expected = [...model.values()].toSorted((one, other) => one.uid - other.uid);
    assert.deepEqual(
      Array.from({ length: columns.count }, (_, at) => columns.recordAt(at)),
      expected,
    );
  }
});

test('columns take a block whole, keywords included', () => {
  const records = [record(64, { keywords: ['x', 'y'] }), record(65), record(66, { keywords: ['y'] })];
  const columns = new MessageColumns(1);
  columns.pushAll(readBlockItem(blockItem(mailbox, { block: 1, records })));
  assert.deepEqual(
    [0, 1, 2].map((at) => columns.recordAt(at)),
    records,
  );
  assert.equal(columns.indexOf(65), 1);
  assert.equal(columns.indexOf(63), -1);
});

test('only flag-keywords are keywords', () => {
  for (const good of ['$Forwarded', 'NonJunk', '$label1', 'a.b-c']) assert.ok(isKeyword(good), good);
  for (const bad of ['', '\\Seen', 'a b', 'a]', 'é', '(x)', '"q"', 'a*', 'a%', 'a{', 'x'.repeat(65)])
    assert.ok(!isKeyword(bad), bad);
});
