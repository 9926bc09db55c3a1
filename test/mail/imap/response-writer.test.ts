import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseWriter } from '../../../mail/imap/response-writer.ts';
import { ConnectionEnded, type Output } from '../../../mail/wire/engine.ts';

/** What was written, and after how many writes the client was waited for. */
function recorded() {
  const writes: Buffer[] = [];
  const waits: number[] = [];
  const output: Output = {
    write: (bytes) => void writes.push(Buffer.from(bytes)),
    ready: async () => void waits.push(writes.length),
    startTls: () => Promise.reject(new Error('none')),
    end: () => undefined,
    setIdleTimeout: () => undefined,
  };
  return { writer: new ResponseWriter(output), writes, waits };
}

test('small responses are joined, and written when they are flushed', () => {
  const { writer, writes } = recorded();
  writer.untagged('1 EXISTS');
  writer.text('a OK done\r\n');
  assert.deepEqual(writes, []);
  writer.flush();
  writer.flush();
  assert.deepEqual(writes.map(String), ['* 1 EXISTS\r\na OK done\r\n']);
});

test('text is octets, each a Latin-1 character', () => {
  const { writer, writes } = recorded();
  writer.text('\x00\x80\xff');
  writer.flush();
  assert.deepEqual(writes, [Buffer.of(0, 0x80, 0xff)]);
});

test('octets are written behind the text that came before them', () => {
  const { writer, writes } = recorded();
  writer.text('{3}\r\n');
  writer.octets(Buffer.from('abc'));
  writer.text(')\r\n');
  writer.flush();
  assert.deepEqual(writes.map(String), ['{3}\r\n', 'abc', ')\r\n']);
});

test('long text is handed on in pieces of 16 KB, and the client waited for after 32 KB', async () => {
  const { writer, writes, waits } = recorded();
  for (let line = 0; line < 1000; line++) {
    writer.untagged('x'.repeat(96));
    await writer.ready();
  }
  writer.flush();
  const sizes = writes.map(({ length }) => length);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    100_000,
  );
  assert.ok(sizes.every((size) => size <= 16_384 + 100));
  let since = 0;
  let waited = 0;
  for (const [at, size] of sizes.entries()) {
    if (waits.includes(at)) since = 0;
    if (waits.includes(at)) waited += 1;
    since += size;
    assert.ok(since <= 32_768 + 16_384 + 100);
  }
  assert.equal(waited, 3);
});

test('octets count as text does', async () => {
  const { writer, waits } = recorded();
  writer.octets(Buffer.alloc(32_767));
  await writer.ready();
  assert.deepEqual(waits, []);
  writer.text('x');
  await writer.ready();
  assert.deepEqual(waits, [2]);
});

test('a session that must end goes no further than the next wait', async () => {
  const { writer, waits } = recorded();
  writer.stop();
  await assert.rejects(writer.ready(), ConnectionEnded);
  assert.deepEqual(waits, []);
});
