import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineReader, type LineEnd } from '../../../mail/wire/line-reader.ts';
import { seededRandom } from '../../seeded-random.ts';
import { fuzzRounds, randomSplits, randomText } from './splits.ts';

/** What a reader makes of the pieces: a line as its text, a refusal as `!kind`. */
function read(
  pieces: readonly (string | Uint8Array)[],
  lineEnd: LineEnd = 'crlf',
  maxOctets = 12,
  reader = new LineReader({ maxOctets, lineEnd }),
): string[] {
  const found: string[] = [];
  for (const piece of pieces) {
    reader.push(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
    for (let next = reader.read(); next !== undefined; next = reader.read())
      found.push(next.kind === 'line' ? next.line.toString('latin1') : `!${next.kind}`);
  }
  return found;
}

/** The same as read, said plainly and slowly, over all bytes at once. */
function model(text: string, lineEnd: LineEnd, maxOctets: number): string[] {
  const found: string[] = [];
  const end = lineEnd === 'crlf' ? '\r\n' : '\n';
  for (let rest = text; rest !== '';) {
    const at = rest.indexOf(end);
    const whole = at === -1 ? rest : rest.slice(0, at + end.length);
    const seen = whole.slice(0, maxOctets);
    const bare = lineEnd === 'crlf' ? /\r[^\n]|(?<!\r)\n/s.test(seen) : false;
    if (bare) found.push('!bareCrOrLf');
    else if (whole.length > maxOctets || (at === -1 && whole.length === maxOctets)) found.push('!tooLong');
    else if (at !== -1) found.push(whole.slice(0, at).replace(lineEnd === 'lf' ? /\r$/ : /$^/, ''));
    rest = rest.slice(whole.length);
  }
  return found;
}

test('Lines end with CRLF, however the bytes are split', () => {
  assert.deepEqual(read(['EHLO a\r\nQU', 'IT\r', '\n\r\n']), ['EHLO a', 'QUIT', '']);
});

test('A line of exactly the limit, its CRLF included, is read and one octet more is too long', () => {
  assert.deepEqual(read(['0123456789\r\n']), ['0123456789']);
  assert.deepEqual(read(['01234567890\r\n']), ['!tooLong']);
});

test('A line that is too long is told before its end comes, and its rest never becomes a command', () => {
  assert.deepEqual(read(['0123456789ab']), ['!tooLong']);
  assert.deepEqual(read(['0123456789abc', 'QUIT', ' x\r', '\nNOOP\r\n']), ['!tooLong', 'NOOP']);
});

test('A bare CR or LF refuses the line up to its CRLF where lines end with CRLF', () => {
  assert.deepEqual(read(['A\nQUIT\r\nB\r\n']), ['!bareCrOrLf', 'B']);
  assert.deepEqual(read(['A\rQUIT\r\nB\r\n']), ['!bareCrOrLf', 'B']);
  assert.deepEqual(read(['\r\r\nB\r\n']), ['!bareCrOrLf', 'B']);
});

test('A bare LF ends a line where that is put up with', () => {
  assert.deepEqual(read(['A\nB\r\n\nC\rD\n'], 'lf'), ['A', 'B', '', 'C\rD']);
});

test('Raw octets are taken between two lines', () => {
  const reader = new LineReader({ maxOctets: 100, lineEnd: 'crlf' });
  assert.deepEqual(read(['BDAT 5\r\n'], 'crlf', 100, reader), ['BDAT 5']);
  reader.push(Buffer.from('a\r\nb\nNOOP\r\n'));
  assert.equal(reader.peek().toString(), 'a\r\nb\nNOOP\r\n');
  assert.equal(reader.take(5).toString(), 'a\r\nb\n');
  assert.equal(reader.buffered, 6);
  assert.deepEqual(read([''], 'crlf', 100, reader), ['NOOP']);
  assert.equal(reader.take(10).length, 0);
});

test('Raw octets never are the rest of a line that was refused', () => {
  const reader = new LineReader({ maxOctets: 4, lineEnd: 'crlf' });
  assert.deepEqual(read(['0123456'], 'crlf', 4, reader), ['!tooLong']);
  assert.equal(reader.take(10).length, 0);
  reader.push(Buffer.from('789\r\nraw'));
  assert.equal(reader.take(10).toString(), 'raw');
});

test('The limit can be changed from one line to the next', () => {
  const reader = new LineReader({ maxOctets: 6, lineEnd: 'crlf' });
  assert.deepEqual(read(['AUTH\r\n'], 'crlf', 6, reader), ['AUTH']);
  reader.setMaxOctets(12);
  assert.deepEqual(read(['0123456789\r\n'], 'crlf', 12, reader), ['0123456789']);
});

test('What was buffered is forgotten when it is cleared', () => {
  const reader = new LineReader({ maxOctets: 4, lineEnd: 'crlf' });
  assert.deepEqual(read(['012345'], 'crlf', 4, reader), ['!tooLong']);
  reader.clear();
  assert.deepEqual(read(['A\r\n'], 'crlf', 4, reader), ['A']);
});

test('Any bytes give the same lines in any split, and those that the rules say', () => {
  const random = seededRandom(1);
  const alphabet = ['\r\n', '\r', '\n', '\r\n', 'a', 'bcd', 'e', '\0', '\xff', 'NOOP'];
  for (let round = 0; round < fuzzRounds; round++) {
    const bytes = randomText(alphabet, Math.floor(random() * 60), random);
    const text = bytes.toString('latin1');
    for (const lineEnd of ['crlf', 'lf'] as const) {
      const maxOctets = 2 + Math.floor(random() * 14);
      const expected = model(text, lineEnd, maxOctets);
      assert.deepEqual(read([text], lineEnd, maxOctets), expected);
      assert.deepEqual(read(randomSplits(bytes, random), lineEnd, maxOctets), expected);
    }
  }
});

test('A line that was read stays as it was when more bytes come', () => {
  const reader = new LineReader({ maxOctets: 100, lineEnd: 'crlf' });
  for (const octet of Buffer.from('first\r\nsec')) reader.push(Uint8Array.of(octet));
  const first = reader.read();
  for (const octet of Buffer.from('ond\r\n')) reader.push(Uint8Array.of(octet));
  assert.equal(first?.kind === 'line' && first.line.toString(), 'first');
  assert.deepEqual(reader.read(), { kind: 'line', line: Buffer.from('second') });
});
