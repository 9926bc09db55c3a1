import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage } from '../../../../mail/imap/search/read-message.ts';
import { ChoppedBlobs, criterionOf, testMessage } from './search-kit.ts';

const noPause = () => Promise.resolve();

/** Whether the program matches, the message read in pieces of so many octets; and what was read for it. */
async function search(program: string, bytes: Uint8Array, pieceOctets = 65_536) {
  const { message, index } = testMessage(bytes);
  const criterion = criterionOf(program);
  const blobs = new ChoppedBlobs(bytes, pieceOctets);
  message.learnIndex(index);
  assert.equal(criterion.matches(message), undefined, 'it is decided already');
  await readMessage(message, { criterion, blobs, pause: noPause });
  return { matches: criterion.matches(message), reads: blobs.reads, octets: blobs.octets };
}

const lines = (...all: readonly string[]) => Buffer.from(all.join('\r\n'), 'latin1');

test('a needle is found wherever the pieces are cut', async () => {
  const encodings: readonly (readonly [string, string, (text: string) => string])[] = [
    ['8BIT', 'utf-8', (text) => Buffer.from(text).toString('latin1')],
    ['BASE64', 'utf-8', (text) => Buffer.from(text).toString('base64').replace(/.{20}/g, '$&\r\n')],
    [
      'QUOTED-PRINTABLE',
      'iso-8859-1',
      (text) =>
        text
          .replace(/[^ -~]/g, (c) => `=${c.charCodeAt(0).toString(16)}`)
          .replace(/.{9}(?!=?$)/g, (part) => (/=.?$/.test(part) ? part : `${part}=\r\n`)),
    ],
  ];
  for (const [encoding, charset, encode] of encodings) {
    const bytes = lines(
      `Content-Type: text/plain; charset=${charset}`,
      `Content-Transfer-Encoding: ${encoding}`,
      '',
      encode('antes de la mañana é y después'),
    );
    for (let pieceOctets = 1; pieceOctets < 40; pieceOctets += 1) {
      const found = await search('BODY "LA MAN\u0303ANA E\u0301"', bytes, pieceOctets);
      assert.equal(found.matches, true, `${encoding} in pieces of ${pieceOctets}`);
      const missed = await search('BODY "la mañana é y después de"', bytes, pieceOctets);
      assert.equal(missed.matches, false, `${encoding} in pieces of ${pieceOctets}`);
    }
  }
});

test('no needle is found across two parts', async () => {
  const bytes = lines(
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    '',
    'one',
    '--b',
    '',
    'two',
    '--b--',
  );
  assert.equal((await search('OR BODY onetwo BODY "one\t"', bytes)).matches, false);
  assert.equal((await search('BODY one BODY two', bytes)).matches, true);
});

test('only text parts are read, and those that lie near to one another at once', async () => {
  const attachment = (octets: number) => ['--b', 'Content-Type: image/png', '', 'x'.repeat(octets)];
  const text = (words: string) => ['--b', 'Content-Type: text/plain', '', words];
  const bytes = lines(
    'Content-Type: multipart/mixed; boundary=b',
    '',
    ...text('one'),
    ...attachment(10_000),
    ...text('two'),
    ...attachment(200_000),
    ...text('three'),
    ...attachment(500_000),
    '--b--',
  );
  const { reads, octets, matches } = await search('BODY nothing', bytes);
  assert.equal(matches, false);
  assert.deepEqual(
    reads.map(
      ([start, end]) =>
        bytes.toString('latin1', start, end).replace(/x{10000}[^]*png\r\n\r\n/, '…').length < 10_200,
    ),
    [true, true],
  );
  const [first, second] = reads;
  assert.ok(bytes.toString('latin1', ...(first ?? [])).startsWith('one'));
  assert.ok(bytes.toString('latin1', ...(first ?? [])).endsWith('two'));
  assert.equal(bytes.toString('latin1', ...(second ?? [])), 'three');
  assert.ok(octets < 11_000);
});

test('reading ends as soon as it is decided', async () => {
  const long = `${'word '.repeat(20_000)}\r\n`;
  const bytes = lines('Subject: first', '', `needle ${long}other ${long}`);
  const all = bytes.length;
  const few = async (program: string, matches: boolean) => {
    const found = await search(program, bytes, 1000);
    assert.equal(found.matches, matches, program);
    assert.ok(found.octets <= 2000, `${program}: ${found.octets} octets`);
  };
  await few('BODY needle', true);
  await few('NOT BODY needle', false);
  await few('OR BODY missing BODY needle', true);
  await few('TEXT "subject: first"', true);
  // The header decides before the text is looked at.
  await few('NOT HEADER Received "" NOT BODY needle', false);
  assert.ok((await search('BODY other', bytes, 1000)).octets < all * 0.6);
  assert.ok((await search('BODY needle BODY missing', bytes, 1000)).octets > all * 0.9);
});

test('what is decided otherwise is not looked for', async () => {
  const bytes = lines('Subject: s', '', 'text needle');
  const { message, index, blobs } = testMessage(bytes, { system: 1 });
  message.learnIndex(index);
  for (const [program, matches] of Object.entries({
    'OR SEEN BODY x': true,
    'UNSEEN BODY x': false,
    'SUBJECT other TEXT x': false,
    'NOT (SEEN (OR SUBJECT s BODY x))': false,
    'OR (SUBJECT t BODY x) (SEEN SUBJECT s)': true,
  }))
    assert.equal(criterionOf(program).matches(message), matches, program);
  const criterion = criterionOf('OR (UNSEEN BODY x) (SEEN BODY needle)');
  await readMessage(message, { criterion, blobs, pause: noPause });
  assert.equal(criterion.matches(message), true);
});

test('a header that the cache cannot tell is read, and only it', async () => {
  const bytes = lines('Received: from here', 'Subject: s', '', 'x'.repeat(10_000));
  const found = await search('HEADER Received here', bytes);
  assert.equal(found.matches, true);
  assert.deepEqual(found.reads, [[0, bytes.indexOf('xxx')]]);
  assert.equal((await search('HEADER Received there', bytes)).matches, false);
});

test('a message without a header has no field', async () => {
  const bytes = lines('', 'x');
  const { message, index } = testMessage(bytes);
  const { headers: _, ...uncached } = index;
  message.learnIndex(uncached);
  const criterion = criterionOf('HEADER Received ""');
  assert.equal(criterion.matches(message), undefined);
  await readMessage(message, { criterion, blobs: new ChoppedBlobs(bytes, 10), pause: noPause });
  assert.equal(criterion.matches(message), false);
});

test('a message that is shorter than its index says is a fault', async () => {
  const bytes = lines('Subject: s', '', 'text');
  const { message, index } = testMessage(bytes);
  message.learnIndex(index);
  const blobs = new ChoppedBlobs(bytes.subarray(0, -1), 10);
  await assert.rejects(
    readMessage(message, { criterion: criterionOf('BODY x'), blobs, pause: noPause }),
    /shorter than its index/,
  );
});
