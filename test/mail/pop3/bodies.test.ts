import assert from 'node:assert/strict';
import { test } from 'node:test';
import { begun, listing, top } from '../../../mail/pop3/bodies.ts';
import { seededRandom } from '../../seeded-random.ts';

/** The bytes in chunks of random sizes, some of them empty. */
async function* chunksOf(bytes: Buffer, random: () => number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const end = at + Math.floor(random() * 6);
    yield bytes.subarray(at, end);
    at = end;
  }
}

async function gathered(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

/** TOP by the letter: lines with their ends, the header through the first empty one, then so many more. */
function expectedTop(text: string, lines: number): string {
  const all = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const empty = all.findIndex((line) => line === '\r\n' || line === '\n');
  return empty === -1 ? text : all.slice(0, empty + 1 + lines).join('');
}

test('TOP is the same for any chunks, and just what RFC 1939 says', async () => {
  const random = seededRandom(1939);
  const pieces = ['a', 'b: c', '\r\n', '\r\n', '\n', '\r', '.', '\r\n\r\n'];
  for (let round = 0; round < 3000; round++) {
    const count = Math.floor(random() * 16);
    const text = Array.from({ length: count }, () => pieces[Math.floor(random() * pieces.length)]).join('');
    const lines = Math.floor(random() * 5);
    const said = await gathered(top(chunksOf(Buffer.from(text), random), lines));
    assert.equal(said, expectedTop(text, lines), `${JSON.stringify(text)}, ${lines} lines`);
  }
});

test('TOP reads no more of a message than it needs', async () => {
  let read = 0;
  let returned = false;
  async function* message() {
    try {
      for (;;) {
        read += 1;
        yield Buffer.from('Subject: x\r\n\r\nline\r\nline\r\n');
      }
    } finally {
      returned = true;
    }
  }
  assert.equal(await gathered(top(await begun(message()), 1)), 'Subject: x\r\n\r\nline\r\n');
  assert.equal(read, 1);
  assert.ok(returned);
});

test('a listing of any length comes in chunks of some kilobytes, and every line is whole', () => {
  const lines = Array.from({ length: 5_000 }, (_, index) => `${index + 1} ${index * 7}`);
  const chunks = [...listing(lines)];
  assert.ok(chunks.length > 5);
  for (const chunk of chunks) assert.ok(chunk.length < 9_000);
  assert.equal(Buffer.concat(chunks).toString(), lines.map((line) => `${line}\r\n`).join(''));
  assert.deepEqual([...listing([])], []);
});

test('bytes whose first chunk cannot be read are known before anything is said', async () => {
  const broken = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('no bytes')) }) };
  await assert.rejects(begun(broken), /no bytes/);
});
