import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readExtensions } from '../../../../mail/smtp/client/extensions.ts';
import { smtpClientLimits } from '../../../../mail/smtp/client/limits.ts';
import { quoteReply, type ServerReply } from '../../../../mail/smtp/client/reply.ts';
import { ReplyReader, type ReplyRead } from '../../../../mail/smtp/client/reply-reader.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { fuzzRounds, randomSplits, randomText } from '../../wire/splits.ts';

/** All that is read of octets that come in pieces; what is unreadable comes last, once. */
function readAll(pieces: readonly Uint8Array[], limits = smtpClientLimits): ReplyRead[] {
  const reader = new ReplyReader(limits);
  const all: ReplyRead[] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (let read = reader.read(); read !== undefined; read = reader.read()) {
      all.push(read);
      if (read.kind === 'unreadable') return all;
    }
  }
  return all;
}

function replies(text: string, limits = smtpClientLimits): (ServerReply | string)[] {
  return readAll([Buffer.from(text)], limits).map((read) => (read.kind === 'reply' ? read.reply : read.why));
}

test('a reply has a code, an enhanced code of its class, and the texts of its lines', () => {
  assert.deepEqual(replies('250 ok\r\n'), [{ code: 250, lines: ['ok'] }]);
  assert.deepEqual(replies('550 5.1.1 no\r\n'), [{ code: 550, enhanced: '5.1.1', lines: ['no'] }]);
  assert.deepEqual(replies('550-5.1.1 one\r\n550 5.1.1 two\r\n'), [
    { code: 550, enhanced: '5.1.1', lines: ['one', 'two'] },
  ]);
  assert.deepEqual(replies('550 2.1.1 no\r\n'), [{ code: 550, lines: ['2.1.1 no'] }]);
  assert.deepEqual(replies('550 5.1.1\r\n'), [{ code: 550, enhanced: '5.1.1', lines: [''] }]);
  assert.deepEqual(replies('550 5.1.1234 no\r\n'), [{ code: 550, lines: ['5.1.1234 no'] }]);
});

test('what servers write that is no reply is unreadable', () => {
  for (const text of [
    'hello\r\n',
    '150 x\r\n',
    '600 x\r\n',
    '2500 x\r\n',
    '25 x\r\n',
    ' 250 x\r\n',
    '250x\r\n',
  ])
    assert.deepEqual(replies(text), ['it does not begin with a code'], text);
});

test('a long line is cut, and what was cut counts', () => {
  const limits = { ...smtpClientLimits, replyLineOctets: 20, replyOctets: 100 };
  assert.deepEqual(replies(`250 ${'x'.repeat(60)}\r\n250 ok\r\n`, limits), [
    { code: 250, lines: ['x'.repeat(16)] },
    { code: 250, lines: ['ok'] },
  ]);
  assert.deepEqual(replies(`250 ${'x'.repeat(97)}`, limits), ['it is too long']);
  assert.deepEqual(replies('250-x\r\n'.repeat(20), limits), ['it is too long']);
});

test('a reply has so many lines at most', () => {
  const { replyLines } = smtpClientLimits;
  assert.equal(replies(`${'250-x\r\n'.repeat(replyLines - 1)}250 ok\r\n`).length, 1);
  assert.deepEqual(replies('250-x\r\n'.repeat(replyLines + 1)), ['it has too many lines']);
});

test('a reply is quoted on one line, both codes once, and no longer than people read', () => {
  const [reply] = replies('550-5.1.1 one\r\n550-5.1.1\r\n550 5.1.1 two\r\n');
  assert.equal(typeof reply === 'object' ? quoteReply(reply) : '', '550 5.1.1 one two');
  const [long] = replies(`${`250-${'x'.repeat(500)}\r\n`.repeat(10)}250 ok\r\n`);
  assert.equal(typeof long === 'object' ? quoteReply(long).length : 0, 1_000);
});

test('EHLO’s reply is read whatever its case, and what is malformed is not offered', () => {
  const lines = [
    'mx.example.test PIPELINING',
    'size 1e9',
    '8BitMime',
    'AUTH=login plain',
    'AUTH PLAIN xoauth2',
    '',
  ];
  const { mechanisms, ...extensions } = readExtensions({ code: 250, lines });
  assert.deepEqual(extensions, {
    pipelining: false,
    chunking: false,
    maxOctets: 0,
    eightBitMime: true,
    smtpUtf8: false,
    dsn: false,
    startTls: false,
  });
  assert.deepEqual([...mechanisms], ['LOGIN', 'PLAIN', 'XOAUTH2']);
});

test('any split of the octets gives the same replies, and nothing throws', () => {
  const random = seededRandom(250);
  const alphabet = [
    '250',
    '-',
    ' ',
    '\r\n',
    '\r\n',
    '\n',
    '\r',
    '550-',
    '354 ',
    '421 x\r\n',
    '5.1.1 ',
    'x',
    '\xff',
    '\0',
  ];
  const limits = { ...smtpClientLimits, replyLineOctets: 12, replyLines: 4, replyOctets: 60 };
  let read = 0;
  for (let round = 0; round < fuzzRounds; round++) {
    const octets = randomText(alphabet, 1 + Math.floor(random() * 30), random);
    const whole = readAll([octets], limits);
    read += whole.filter(({ kind }) => kind === 'reply').length;
    assert.deepEqual(
      readAll(randomSplits(octets, random), limits),
      whole,
      JSON.stringify(octets.toString('latin1')),
    );
    for (const each of whole)
      if (each.kind === 'reply') assert.match(quoteReply(each.reply), /^[2-5][0-9]{2}[^\r\n\0]*$/);
  }
  assert.ok(read > fuzzRounds / 10, `the octets are too clumsy: ${read} replies`);
});
