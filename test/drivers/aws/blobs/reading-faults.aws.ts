import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { BlobMissing } from '../../../../mail/ports/blobs.ts';
import { bytesOf, put } from '../../../contracts/blobs-use.ts';
import { seededBytes } from '../../../contracts/seeded-bytes.ts';
import { InterceptedS3, noAnswer, refusal, withBody } from './intercepted-s3.ts';
import type { Intercept } from './intercepted-s3.ts';
import { temporaryBucket } from './temporary-bucket.ts';

const body = seededBytes('body', 3_000_000);

async function stored(intercept: Intercept, options: { readonly patienceMs?: number } = {}) {
  const s3 = new InterceptedS3(intercept);
  const under = await temporaryBucket({ ...options, requestHandler: s3 });
  await put(under.blobs, 'key', { body });
  const ranges = () =>
    s3.seen.filter(({ operation }) => operation === 'get').map(({ headers }) => headers['range']);
  return { ...under, s3, ranges };
}

/** The body up to so many bytes, and then what `end` does. */
function cutAfter(bytes: number, end: () => Promise<void>) {
  return (real: Readable): Readable =>
    Readable.from(
      (async function* () {
        let left = bytes;
        for await (const chunk of real as AsyncIterable<Buffer>) {
          yield chunk.subarray(0, left);
          left -= chunk.length;
          if (left <= 0) break;
        }
        await end();
      })(),
      { objectMode: false },
    );
}

const reset = async () => {
  throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
};

test('a body that breaks off goes on from there, in the same object', async () => {
  await using under = await stored(({ operation, before, pass }) => {
    if (operation !== 'get' || before > 2) return undefined;
    return withBody(pass(), cutAfter(400_000, before === 1 ? async () => undefined : reset));
  });
  assert.ok((await bytesOf(under.blobs, 'key')).equals(body));
  const starts = under.ranges().map((range) => Number(/=(\d+)-$/.exec(range ?? 'bytes=0-')?.[1]));
  assert.equal(starts.length, 4);
  // What had come but was not yet read when the connection broke is asked for again.
  for (const [at, start] of starts.entries())
    assert.ok(start > (starts[at - 1] ?? -1) && start <= at * 400_000);
  const conditions = under.s3.seen.map(({ headers }) => headers['if-match']).filter(Boolean);
  assert.equal(conditions.length, 3);
});

test('a range that breaks off is read to its end, and no further', async () => {
  await using under = await stored(({ operation, before, pass }) =>
    operation === 'get' && before === 0 ? withBody(pass(), cutAfter(100, reset)) : undefined,
  );
  const read = await bytesOf(under.blobs, 'key', { start: 1000, end: 200_000 });
  assert.ok(read.equals(body.subarray(1000, 200_000)));
  assert.deepEqual(under.ranges(), ['bytes=1000-199999', 'bytes=1100-199999']);
});

test('a body that gives no more bytes is asked for anew', async () => {
  await using under = await stored(
    ({ operation, before, pass }) =>
      operation === 'get' && before === 0
        ? withBody(
            pass(),
            cutAfter(100_000, () => pause(60_000, undefined, { ref: false })),
          )
        : undefined,
    { patienceMs: 300 },
  );
  assert.ok((await bytesOf(under.blobs, 'key')).equals(body));
  assert.deepEqual(under.ranges(), [undefined, 'bytes=100000-']);
});

test('a body that breaks off again and again without a byte is given up', async () => {
  await using under = await stored(({ operation, pass }) =>
    operation === 'get' ? withBody(pass(), cutAfter(0, reset)) : undefined,
  );
  await assert.rejects(bytesOf(under.blobs, 'key'), /S3 broke off key after 0 bytes/);
  assert.equal(under.ranges().length, 4);
});

test('the rest of an object that was replaced is not mixed with the first', async () => {
  await using under = await stored(({ operation, before, pass }) =>
    operation === 'get' && before === 0
      ? withBody(
          pass(),
          cutAfter(100_000, async () => {
            await put(under.blobs, 'key', { body: seededBytes('other', body.length) });
            await reset();
          }),
        )
      : undefined,
  );
  await assert.rejects(bytesOf(under.blobs, 'key'), /key was replaced while it was read/);
});

test('the rest of an object that was deleted is missing', async () => {
  await using under = await stored(({ operation, before, pass }) =>
    operation === 'get' && before === 0
      ? withBody(
          pass(),
          cutAfter(100_000, async () => {
            await under.blobs.delete(['key']);
            await reset();
          }),
        )
      : undefined,
  );
  await assert.rejects(bytesOf(under.blobs, 'key'), BlobMissing);
});

test('an object whose bytes are not those of its checksum is not taken for whole', async () => {
  await using under = await stored(({ operation, pass }) =>
    operation === 'get'
      ? withBody(pass(), (real) => real.map((chunk: Buffer) => Buffer.from(chunk.map((byte) => byte ^ 1))))
      : undefined,
  );
  await assert.rejects(bytesOf(under.blobs, 'key'), /Checksum mismatch/);
});

test('a reader that stops ends its connection', async () => {
  const bodies: Readable[] = [];
  await using under = await stored(({ operation, pass }) =>
    operation === 'get'
      ? withBody(pass(), (real) => {
          bodies.push(real);
          return real;
        })
      : undefined,
  );
  for await (const chunk of under.blobs.read('key')) if (chunk.length > 0) break;
  for await (const chunk of under.blobs.read('key', { start: 7, end: 2_000_000 }))
    if (chunk.length > 0) break;
  assert.deepEqual(
    bodies.map(({ destroyed }) => destroyed),
    [true, true],
  );
});

test('a reader that pauses keeps no connection, and loses nothing', async () => {
  const bodies: Readable[] = [];
  await using under = await stored(
    ({ operation, pass }) =>
      operation === 'get'
        ? withBody(pass(), (real) => {
            bodies.push(real);
            return real;
          })
        : undefined,
    { patienceMs: 300 },
  );
  const chunks: Uint8Array[] = [];
  for await (const chunk of under.blobs.read('key')) {
    chunks.push(chunk);
    if (chunks.length !== 3) continue;
    await pause(600);
    assert.equal(bodies.at(-1)?.destroyed, true);
  }
  assert.ok(Buffer.concat(chunks).equals(body));
  assert.equal(bodies.length, 2);
});

test('a reader that is slow gets bytes only as it asks for them', async () => {
  let given = 0;
  await using under = await stored(({ operation, pass }) =>
    operation === 'get'
      ? withBody(pass(), (real) =>
          real.map((chunk: Buffer) => {
            given += chunk.length;
            return chunk;
          }),
        )
      : undefined,
  );
  for await (const chunk of under.blobs.read('key')) {
    if (chunk.length === 0) continue;
    await pause(200);
    break;
  }
  assert.ok(given < 1_000_000, `${given} bytes for the first chunk`);
});

test('what S3 refuses is told as it is, and only a missing key is a BlobMissing', async () => {
  await using under = await stored(({ operation }) =>
    operation === 'get' ? refusal(403, 'AccessDenied') : undefined,
  );
  await assert.rejects(bytesOf(under.blobs, 'key'), /S3 did not give key: AccessDenied/);
});

test('a GET without an answer is asked again', async () => {
  await using under = await stored(
    (request) => (request.operation === 'get' && request.before === 0 ? noAnswer(request) : undefined),
    { patienceMs: 200 },
  );
  assert.ok((await bytesOf(under.blobs, 'key')).equals(body));
});
