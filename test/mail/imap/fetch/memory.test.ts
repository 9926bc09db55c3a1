/** FETCH of much by a client that reads slowly, or not at all: what waits in the server stays small. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import type { ByteRange } from '../../../../mail/ports/blobs.ts';
import { LargeMailbox, say, SlowOutput } from './large-mailbox.ts';

const chunkOctets = 65_536;
/** What `Output` lets an engine write between two waits. */
const maxUnwaitedOctets = 65_536;
const message = { size: 50 * 1024 * 1024, headerBytes: 300 };

/** Octets that are made when they are asked for; `made` says how many. */
function source() {
  const made = { octets: 0, open: 0 };
  const chunk = Buffer.alloc(chunkOctets, `${'x'.repeat(62)}\r\n`);
  async function* read({ start, end }: ByteRange): AsyncGenerator<Uint8Array> {
    made.open += 1;
    try {
      for (let at = start; at < end; at += chunkOctets) {
        made.octets += Math.min(chunkOctets, end - at);
        yield chunk.subarray(0, Math.min(chunkOctets, end - at));
      }
    } finally {
      made.open -= 1;
    }
  }
  return { made, read };
}

for (const [item, octets] of [
  ['BODY.PEEK[]', message.size],
  ['RFC822.TEXT', message.size - 300],
  ['BODY[TEXT]<1000.40000000>', 40_000_000],
] as const)
  test(`50 MB are sent as the client takes them: ${item}`, async () => {
    const { made, read } = source();
    const output = new SlowOutput();
    const engine = await new LargeMailbox({ messages: 1, message, read }).session(output);
    const before = output.written;
    output.mostWaiting = 0;
    await say(engine, `a FETCH 1 ${item}`);
    assert.equal(made.octets, octets);
    assert.equal(
      output.written - before - octets,
      `* 1 FETCH (${named(item)} {${octets}}\r\n)\r\na OK FETCH completed\r\n`.length,
    );
    assert.ok(output.tail.endsWith(')\r\na OK FETCH completed\r\n'), output.tail);
    assert.ok(output.mostWaiting <= maxUnwaitedOctets, `${output.mostWaiting} octets waited`);
    await engine.closed();
    assert.equal(made.open, 0);
  });

const named = (item: string) => item.replace('.PEEK', '').replace(/\.\d+>/, '>');

test('a client that stops reading stops the reading of messages; once it is gone, nothing is held', async () => {
  const { made, read } = source();
  const output = new SlowOutput();
  const mailbox = new LargeMailbox({ messages: 1000, message, read });
  const engine = await mailbox.session(output);
  output.stopsAfter = 60 * 1024 * 1024;
  const command = say(engine, 'a FETCH 1:* (FLAGS BODY.PEEK[])');
  while (output.written < output.stopsAfter) await turn();
  for (let turns = 0; turns < 50; turns++) await turn();
  assert.ok(made.octets - output.written <= chunkOctets, 'storage was read ahead');
  assert.ok(output.written - output.stopsAfter <= maxUnwaitedOctets, 'it was written on');
  assert.equal(made.open, 1);
  assert.ok(mailbox.indexes <= 16, `${mailbox.indexes} indexes were read`);
  output.drop();
  await command;
  await engine.closed();
  assert.equal(made.open, 0);
});

for (const [what, items, needsIndex] of [
  ['what the records tell', '(UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ)', false],
  ['envelopes', '(UID ENVELOPE BODYSTRUCTURE)', true],
] as const)
  test(`${what} of 100,000 messages are told as the client takes them`, async () => {
    const output = new SlowOutput();
    const mailbox = new LargeMailbox({ messages: 100_000 });
    const engine = await mailbox.session(output);
    output.mostWaiting = 0;
    await say(engine, `a UID FETCH 1:* ${items}`);
    assert.ok(output.tail.endsWith('a OK UID FETCH completed\r\n'), output.tail);
    assert.ok(output.mostWaiting <= maxUnwaitedOctets, `${output.mostWaiting} octets waited`);
    assert.equal(mailbox.indexes, needsIndex ? 100_000 : 0);
    await engine.closed();
  });

test('a client that stops reading envelopes stops the reading of indexes', async () => {
  const output = new SlowOutput();
  const mailbox = new LargeMailbox({ messages: 100_000 });
  const engine = await mailbox.session(output);
  output.stopsAfter = 200_000;
  const command = say(engine, 'a FETCH 1:* ALL');
  while (output.written < output.stopsAfter) await turn();
  for (let turns = 0; turns < 50; turns++) await turn();
  const told = output.written / 120;
  assert.ok(mailbox.indexes < told + 1000, `${mailbox.indexes} indexes were read`);
  output.drop();
  await command;
  await engine.closed();
});

test('an envelope of a megabyte is written in pieces', async () => {
  const output = new SlowOutput();
  const envelope = `(NIL {1000000}\r\n${'x'.repeat(1_000_000)} NIL NIL NIL NIL NIL NIL NIL NIL)`;
  const engine = await new LargeMailbox({ messages: 3, envelope }).session(output);
  output.mostWaiting = 0;
  await say(engine, 'a FETCH 1:3 (ENVELOPE UID)');
  assert.ok(output.written > 3 * envelope.length);
  assert.ok(output.mostWaiting <= maxUnwaitedOctets, `${output.mostWaiting} octets waited`);
  await engine.closed();
});

test('sections with long names, repeated for each message, wait for the client too', async () => {
  const output = new SlowOutput();
  const engine = await new LargeMailbox({ messages: 50 }).session(output);
  output.mostWaiting = 0;
  const part = `${'1.'.repeat(10_000)}2`;
  await say(engine, `a FETCH 1:* (BODY.PEEK[${part}] BODY.PEEK[${part}.MIME] BODY.PEEK[${part}]<5.5>)`);
  assert.ok(output.written > 50 * 3 * part.length);
  const fields = `${'x-field '.repeat(5_000)}x`;
  await say(engine, `b FETCH 1:* (BODY.PEEK[1.HEADER.FIELDS (${fields})] UID)`);
  assert.ok(output.written > 50 * (3 * part.length + fields.length));
  assert.ok(output.mostWaiting <= maxUnwaitedOctets, `${output.mostWaiting} octets waited`);
  await engine.closed();
});
