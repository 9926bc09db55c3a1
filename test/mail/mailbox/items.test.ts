import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeLast, withUids } from '../../../mail/mailbox/bulk-item.ts';
import { clockItem, parseClockItem } from '../../../mail/mailbox/clock-item.ts';
import { expireItem, parseExpireItem, withDueTime } from '../../../mail/mailbox/expire-entry.ts';
import { parseMailboxName } from '../../../mail/mailbox/folder-name.ts';
import {
  indexItem,
  lastSeenOf,
  messageIdOf,
  prepareIndex,
  readIndex,
  withLastSeen,
} from '../../../mail/mailbox/index-record.ts';
import type { IndexBody } from '../../../mail/mailbox/index-record.ts';
import { itemBytes } from '../../../mail/mailbox/item-size.ts';
import {
  blockKey,
  expireKey,
  indexKey,
  logSortKey,
  parseBlockSortKey,
  parseExpireSortKey,
  parseIndexSortKey,
  parseLogSortKey,
} from '../../../mail/mailbox/keys.ts';
import { maxIndexItemBytes } from '../../../mail/mailbox/limits.ts';
import { logItem, parseLogItem } from '../../../mail/mailbox/log-record.ts';
import type { FolderChange, LogRecord } from '../../../mail/mailbox/log-record.ts';
import {
  messageItem,
  parseMessageItem,
  withoutPlaces,
  withPlace,
} from '../../../mail/mailbox/message-item.ts';
import {
  DamagedItem,
  parseAccountId,
  parseFolderId,
  parseMailboxId,
  parseMessageId,
  parseRev,
  parseUid,
  sound,
} from '../../../mail/mailbox/types.ts';
import { MemoryBlobs, newMessage, uidOf } from './mail-kit.ts';

const account = sound(parseAccountId('paco'), 'account id');
const mailbox = sound(parseMailboxId('box'), 'mailbox id');
const folder = sound(parseFolderId('dir'), 'folder id');
const rev = (number: number) => sound(parseRev(number), 'rev');

test('numbers in keys are ordered as numbers and are read back', () => {
  assert.ok(logSortKey(rev(9)) < logSortKey(rev(10)));
  assert.ok(logSortKey(rev(2 ** 30)) < logSortKey(rev(2 ** 47)));
  assert.equal(parseLogSortKey(logSortKey(rev(2 ** 47))), 2 ** 47);
  assert.equal(parseLogSortKey('clock'), undefined);
  assert.ok(indexKey(mailbox, uidOf(99)).sk < indexKey(mailbox, uidOf(2 ** 32 - 1)).sk);
  assert.equal(parseIndexSortKey(indexKey(mailbox, uidOf(2 ** 32 - 1)).sk), 2 ** 32 - 1);
  assert.equal(parseBlockSortKey(blockKey(mailbox, 67_108_863).sk), 67_108_863);
});

test('ids and numbers outside their syntax are none', () => {
  for (const bad of ['', 'a#b', 'a/b', 'x'.repeat(65), 'é']) assert.equal(parseAccountId(bad), undefined);
  for (const bad of [0, -1, 1.5, 2 ** 32, NaN]) assert.equal(parseUid(bad), undefined);
});

test('an expire entry leads back to its account and subject', () => {
  const { pk, sk } = expireKey({ day: '2026-11-24', account, subject: 'message#m1' });
  assert.match(pk, /^expire#2026-11-24#[0-7]$/);
  assert.deepEqual(parseExpireSortKey(sk), { account, subject: 'message#m1' });
});

test('a clock comes back, with and without what it may lack', () => {
  const clock = {
    rev: rev(5),
    bytes: 10,
    messages: 1,
    quotaBytes: undefined,
    epoch: 1,
    logFrom: rev(2),
    nextUidValidity: 9,
    removedAtMs: undefined,
  };
  assert.deepEqual(parseClockItem(clockItem(account, clock)), clock);
  const full = { ...clock, quotaBytes: 7, removedAtMs: 3 };
  assert.deepEqual(parseClockItem(clockItem(account, full)), full);
  assert.throws(() => parseClockItem({ ...clockItem(account, clock), rev: 'x' }), DamagedItem);
});

test('a log record comes back with every kind of change', () => {
  const record = {
    uid: uidOf(7),
    system: 1,
    keywords: ['$Forwarded'],
    modSeq: rev(5),
    size: 10,
    internalDateSeconds: 20,
    saveDateSeconds: 30,
  };
  const folders: readonly FolderChange[] = [
    { kind: 'created', folder, mailbox, name: 'A' },
    { kind: 'renamed', folder, from: 'A', to: 'B' },
    { kind: 'inboxMoved', mailbox, to: 'Old' },
    { kind: 'deleted', folder, mailbox, name: 'B' },
    { kind: 'pruned', folder, name: 'B' },
    { kind: 'subscribed', name: 'B' },
    { kind: 'unsubscribed', name: 'B' },
    { kind: 'quotaSet' },
    { kind: 'accountRemoved' },
  ];
  const log: LogRecord = {
    account,
    rev: rev(5),
    token: 't',
    atMs: 6,
    messages: (['added', 'flags', 'expunged'] as const).map((kind) => ({ kind, mailbox, records: [record] })),
    folders,
  };
  assert.deepEqual(parseLogItem(logItem(log)), log);
});

test('a message item gains and loses places, its version rising with each', () => {
  const message = {
    messageId: sound(parseMessageId('m1'), 'message id'),
    blobKey: 'b',
    places: [{ mailbox, uid: uidOf(1) }],
    version: 1,
    expiresAtMs: 5,
  };
  assert.deepEqual(parseMessageItem(messageItem(account, message)), message);
  const leaving = [[], ['$Forwarded']].map((keywords, at) => ({
    place: { mailbox, uid: uidOf(7 + at) },
    last: { system: 9, keywords, saveDateSeconds: 1_790_000_000 },
    keptUntilMs: 1_795_687_200_000,
  }));
  assert.deepEqual(parseMessageItem(messageItem(account, { ...message, left: leaving })), {
    ...message,
    left: leaving,
  });
  const shown = withPlace(message, { mailbox, uid: uidOf(2) });
  assert.deepEqual([shown.places.length, shown.version, shown.expiresAtMs], [2, 2, undefined]);
  const left = withoutPlaces(shown, [{ mailbox, uid: uidOf(1) }]);
  assert.deepEqual([left.places, left.version], [[{ mailbox, uid: uidOf(2) }], 3]);
  assert.equal(withoutPlaces(left, [{ mailbox, uid: uidOf(1) }]), left);
});

test('every time in an item is ISO 8601, and nothing but what is packed is binary', async () => {
  const { index } = newMessage('m1');
  const body = await prepareIndex(new MemoryBlobs(), { ...index, internalDateSeconds: 1_795_687_200 });
  const subject = { kind: 'account' } as const;
  const last = { system: 1, keywords: [], saveDateSeconds: 1_795_687_201 };
  const item = withLastSeen(indexItem(mailbox, { uid: uidOf(1), body }), last);
  assert.equal(item['internalDate'], '2026-11-26T10:00:00.000Z');
  assert.deepEqual(item['last'], { system: 1, keywords: [], saveDate: '2026-11-26T10:00:01.000Z' });
  const binary = Object.keys(item).filter((name) => item[name] instanceof Uint8Array);
  assert.deepEqual(binary, ['structure', 'headers']);
  const dueAtMs = Date.parse('2026-11-27T00:00:00Z');
  assert.equal(expireItem({ account, dueAtMs, subject })['dueAt'], '2026-11-27T00:00:00.000Z');
});

test('items with the times and part tables of before are read', async () => {
  const blobs = new MemoryBlobs();
  const { index } = newMessage('m1');
  const bytes = new Uint8Array([
    255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 44, 0, 0, 3, 232, 0, 0, 0, 20,
  ]);
  const read = (body: IndexBody) => readIndex(blobs, indexItem(mailbox, { uid: uidOf(1), body }));
  assert.deepEqual(await read({ ...index, parts: bytes }), index);
  const { internalDateSeconds: _seconds, ...undatedIndex } = index;
  const internalDate = new Date(index.internalDateSeconds * 1000).toISOString();
  assert.deepEqual(await read({ ...undatedIndex, internalDate, parts: index.parts.join(' ') }), index);
  const last = { system: 1, keywords: ['x'], saveDateSeconds: 7 };
  assert.deepEqual(lastSeenOf({ pk: 'a', sk: 'b', last }), last);
  const log = logItem({ account, rev: rev(5), token: 't', atMs: 6, messages: [], folders: [] });
  const { at: _at, ...rest } = log;
  assert.equal(parseLogItem({ ...rest, pk: log.pk, sk: log.sk, atMs: 6 }).atMs, 6);
  const entry = { account, dueAtMs: 86_400_000, subject: { kind: 'account' } as const };
  const { dueAt: _due, ...undated } = expireItem(entry);
  const before = { ...undated, pk: undated['pk'], sk: undated['sk'], dueAtMs: 86_400_000 };
  assert.deepEqual(parseExpireItem(before), entry);
  const moved = withDueTime(before, 2 * 86_400_000);
  assert.match(moved.pk, /^expire#1970-01-03#/);
  assert.equal(moved['dueAtMs'], undefined);
  assert.equal(parseExpireItem(moved).dueAtMs, 2 * 86_400_000);
});

test('a time that is none is a damaged item', () => {
  const clock = { pk: 'account#paco', sk: 'clock', rev: 1, bytes: 0, messages: 0, epoch: 1, logFrom: 1 };
  assert.throws(() => parseClockItem({ ...clock, nextUidValidity: 1, removedAt: 'yesterday' }), DamagedItem);
});

test('a small index is one item and comes back whole', async () => {
  const blobs = new MemoryBlobs();
  const { index } = newMessage('m1');
  const item = indexItem(mailbox, { uid: uidOf(1), body: await prepareIndex(blobs, index) });
  assert.equal(blobs.stored.size, 0);
  assert.deepEqual(await readIndex(blobs, item), index);
});

test('an index names its message by the key of its blob, and by itself where that key does not', async () => {
  const { index } = newMessage('m1');
  const bodyOf = (blobKey: string) => prepareIndex(new MemoryBlobs(), { ...index, blobKey });
  const usual = await bodyOf('mailboxes/example.org/paco~a1/2026-11/m1.eml');
  const other = await bodyOf('elsewhere/m2.eml');
  assert.deepEqual([usual['messageId'], other['messageId']], [undefined, 'm1']);
  assert.deepEqual([messageIdOf(usual), messageIdOf(other)], ['m1', 'm1']);
});

test('an index over 64 KB keeps its bulk in a side object beside the blob', async () => {
  const blobs = new MemoryBlobs();
  const { index } = newMessage('m1', { envelope: 'é'.repeat(40_000) });
  const item = indexItem(mailbox, { uid: uidOf(1), body: await prepareIndex(blobs, index) });
  assert.ok(itemBytes(item) < maxIndexItemBytes);
  assert.deepEqual([...blobs.stored.keys()], ['incoming/m1.eml.index']);
  const read = await readIndex(blobs, item);
  assert.deepEqual({ ...read, headers: Buffer.from(read.headers ?? []) }, index);
});

test('what was seen last of a message is kept in its index', async () => {
  const { index } = newMessage('m1');
  const item = indexItem(mailbox, { uid: uidOf(1), body: await prepareIndex(new MemoryBlobs(), index) });
  const last = { system: 3, keywords: ['a'], saveDateSeconds: 9 };
  assert.equal(lastSeenOf(item), undefined);
  assert.deepEqual(lastSeenOf(withLastSeen(item, last)), last);
});

test('a bulk remembers runs of uids and gives back the last first', () => {
  const runs = withUids(withUids([], [1, 2, 3].map(uidOf)), [4, 9, 10].map(uidOf));
  assert.deepEqual(runs, [
    { first: 1, last: 4 },
    { first: 9, last: 10 },
  ]);
  const taken = takeLast(runs, 3);
  assert.deepEqual(
    taken.uids.toSorted((one, other) => one - other),
    [4, 9, 10],
  );
  assert.deepEqual(taken.left, [{ first: 1, last: 3 }]);
  assert.deepEqual(takeLast(runs, 100).left, []);
  assert.deepEqual(takeLast(runs, 100).uids.length, 6);
});

test('mailbox names are levels in NFC, INBOX in any case', () => {
  assert.deepEqual(parseMailboxName('inBox/Café'), ['INBOX', 'Café']);
  assert.deepEqual(parseMailboxName('a/inbox'), ['a', 'inbox']);
  for (const bad of ['', '/a', 'a/', 'a//b', 'a\u0000', '\ud800', 'x'.repeat(256), 'a/'.repeat(32) + 'a'])
    assert.equal(parseMailboxName(bad), undefined, JSON.stringify(bad));
});
