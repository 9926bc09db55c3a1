import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DotStuffer, DotUnstuffer } from '../../../mail/wire/dot-stuffing.ts';
import { seededRandom } from '../../seeded-random.ts';
import { fuzzRounds, randomSplits, randomText } from './splits.ts';

interface Decoded {
  readonly message: string;
  readonly ended: boolean;
  /** What came after the end. */
  readonly rest: string;
}

function decode(pieces: readonly Uint8Array[]): Decoded {
  const decoder = new DotUnstuffer();
  const data: Buffer[] = [];
  for (const [index, piece] of pieces.entries()) {
    const step = decoder.decode(piece);
    data.push(step.data);
    if (step.ended) {
      const rest = [piece.subarray(step.consumed), ...pieces.slice(index + 1)];
      return {
        message: Buffer.concat(data).toString('latin1'),
        ended: true,
        rest: Buffer.concat(rest).toString('latin1'),
      };
    }
    assert.equal(step.consumed, piece.length);
  }
  const message = Buffer.concat(data).toString('latin1');
  return { message, ended: false, rest: '' };
}

const decodeText = (text: string) => decode([Buffer.from(text, 'latin1')]);

/** The same by regular expressions, for data that has its end. */
function model(text: string): Decoded | undefined {
  const end = text.startsWith('.\r\n') ? 0 : text.indexOf('\r\n.\r\n') + 2;
  if (end === 1) return undefined;
  const stuffed = text.slice(0, end);
  return {
    message: stuffed.replace(/(^|\r\n)\./g, '$1'),
    ended: true,
    rest: text.slice(end + 3),
  };
}

function encode(pieces: readonly Uint8Array[]): Buffer {
  const encoder = new DotStuffer();
  return Buffer.concat([...pieces.map((piece) => encoder.encode(piece)), encoder.finish()]);
}

test('Data ends with CRLF.CRLF, and what follows is left', () => {
  assert.deepEqual(decodeText('a\r\n..b\r\n.c\r\n.\r\nQUIT\r\n'), {
    message: 'a\r\n.b\r\nc\r\n',
    ended: true,
    rest: 'QUIT\r\n',
  });
});

test('A dot alone at the very start is the end of an empty message', () => {
  assert.deepEqual(decodeText('.\r\n'), { message: '', ended: true, rest: '' });
});

const smuggled = [
  '\n.\n',
  '\n.\r\n',
  '\r.\r',
  '\r.\r\n',
  '\r\n.\n',
  '\r\n.\r',
  '\n.\r',
  '\r\n.\r\r\n',
  '\r\n.\r.\r\n',
];
for (const end of smuggled)
  test(`${JSON.stringify(end)} does not end data`, () => {
    const decoded = decodeText(`a${end}MAIL FROM:<x@y>\r\n.\r\nNOOP\r\n`);
    assert.equal(decoded.ended, true);
    assert.equal(decoded.rest, 'NOOP\r\n');
    assert.match(decoded.message, /MAIL FROM/);
  });

test('Any data gives the same message in any split, and that which the rules say', () => {
  const random = seededRandom(2);
  const alphabet = ['\r\n', '\r\n', '.', '\r', '\n', 'a', 'text', '..', '\r\n.', '\0'];
  for (let round = 0; round < fuzzRounds; round++) {
    const bytes = randomText(alphabet, Math.floor(random() * 40), random);
    const whole = decode([bytes]);
    assert.deepEqual(decode(randomSplits(bytes, random)), whole);
    const expected = model(bytes.toString('latin1'));
    assert.equal(whole.ended, expected !== undefined);
    if (expected !== undefined) assert.deepEqual(whole, expected);
  }
});

test('What was stuffed comes back the same, but for the CRLF that its last line lacked', () => {
  const random = seededRandom(3);
  // No bare LF: after one a dot is doubled as well, for clients that would take it for a line's end.
  const alphabet = ['\r\n', '\r\n', '.', '\r', 'a', 'text', '..', '\r\n.', '\0', '\xff'];
  for (let round = 0; round < fuzzRounds; round++) {
    const bytes = randomText(alphabet, Math.floor(random() * 40), random);
    const text = bytes.toString('latin1');
    const stuffed = encode([bytes]);
    assert.deepEqual(encode(randomSplits(bytes, random)), stuffed);
    const { message, ended, rest } = decode(randomSplits(stuffed, random));
    assert.equal(ended, true);
    assert.equal(rest, '');
    assert.equal(message, text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`);
  }
});

test('A chunk with nothing to double is handed on as it is', () => {
  const chunk = Buffer.from('Subject: a.b\r\n\r\ntext\r\n');
  assert.equal(new DotStuffer().encode(chunk), chunk);
});

test('No stored message ends its transfer early for a client whose lines end at LF', () => {
  const random = seededRandom(4);
  const alphabet = ['\r\n', '\n', '.', '\r', 'a', '\n.\n', '\n.\r\n', '.\n'];
  for (let round = 0; round < fuzzRounds; round++) {
    const sent = encode([randomText(alphabet, Math.floor(random() * 30), random)]).toString('latin1');
    assert.match(sent, /(^|\r\n)\.\r\n$/);
    assert.doesNotMatch(sent.slice(0, -3), /(^|\n)\.\r?\n/);
  }
});
