import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { bytesOf, keysOf, put } from '../../../contracts/blobs-use.ts';
import { seededBytes } from '../../../contracts/seeded-bytes.ts';
import { InterceptedS3, noAnswer, refusal } from './intercepted-s3.ts';
import type { Intercept } from './intercepted-s3.ts';
import { temporaryBucket } from './temporary-bucket.ts';

const mb = 1024 * 1024;
const small = seededBytes('small', 50_000);
const large = seededBytes('large', 20 * mb);
const prefix = Buffer.from('Received: from pepe.example\r\n');

async function faulty(intercept: Intercept, options: { readonly patienceMs?: number } = {}) {
  const s3 = new InterceptedS3(intercept);
  return { ...(await temporaryBucket({ ...options, requestHandler: s3 })), s3 };
}

test('a PUT that never works rejects with what was to be stored and what S3 said, and nothing is left', async () => {
  for (const [status, code] of [
    [503, 'SlowDown'],
    [409, 'OperationAborted'],
    [403, 'AccessDenied'],
  ] as const) {
    await using under = await faulty(({ operation }) =>
      operation === 'put' ? refusal(status, code) : undefined,
    );
    for (const body of [small, large.subarray(0, mb)]) {
      const upload = under.blobs.begin();
      await upload.write(body);
      const rejected = new RegExp(`S3 did not store mail/one.eml: ${code}`);
      await assert.rejects(upload.finish({ key: 'mail/one.eml' }), rejected);
      await assert.rejects(upload.write(body), /this upload is failed/);
      await upload.abort();
    }
    assert.deepEqual(await keysOf(under.blobs, ''), []);
  }
});

test('a PUT whose answer never comes is repeated, and stores the same', async () => {
  await using under = await faulty(
    (request) => {
      if (request.operation !== 'put' || request.before > 0) return undefined;
      return request.pass().then(() => noAnswer(request));
    },
    { patienceMs: 300 },
  );
  await put(under.blobs, 'key', { body: small, prefix });
  assert.deepEqual(under.s3.operations, ['put', 'put']);
  assert.ok((await bytesOf(under.blobs, 'key')).equals(Buffer.concat([prefix, small])));
  assert.deepEqual(await keysOf(under.blobs, ''), ['key']);
});

test('S3 that never answers is not waited for without end', async () => {
  await using under = await faulty(noAnswer, { patienceMs: 100 });
  await assert.rejects(put(under.blobs, 'key', { body: small }), /did not store key: .*within 100 ms/);
  assert.equal(under.s3.operations.length, 3);
});

test('a large message is stored in parts, with the prefix in front', async () => {
  await using under = await faulty(() => undefined);
  const whole = Buffer.concat([prefix, large]);
  const info = await put(under.blobs, 'large.eml', { body: large, prefix });
  assert.equal(info.size, whole.length);
  assert.ok((await bytesOf(under.blobs, 'large.eml')).equals(whole));
  const parts = under.s3.seen.filter(({ operation }) => operation === 'part');
  assert.deepEqual(
    parts.map(({ headers }) => headers['content-length']),
    [8 * mb, 8 * mb, whole.length - 16 * mb].map(String),
  );
  const exact = seededBytes('exact', 16 * mb);
  await put(under.blobs, 'exact', { body: exact });
  assert.ok((await bytesOf(under.blobs, 'exact')).equals(exact));
  assert.deepEqual(await under.unfinished(), []);
});

test('a message is stored as one', async () => {
  await using under = await faulty(() => undefined);
  await put(under.blobs, 'small.eml', { body: small });
  await put(under.blobs, 'large.eml', { body: large });
  await under.blobs.copy('large.eml', 'copied.eml');
  await put(under.blobs, 'large.eml.index', { body: small });
  const types = await Promise.all(
    ['small.eml', 'large.eml', 'copied.eml', 'large.eml.index'].map((Key) =>
      under.client.send(new HeadObjectCommand({ Bucket: under.bucket, Key })),
    ),
  );
  const message = 'message/rfc822';
  assert.deepEqual(
    types.map(({ ContentType }) => ContentType),
    [message, message, message, 'application/octet-stream'],
  );
});

test('parts that cannot be put together are dropped', async () => {
  await using under = await faulty(({ operation }) =>
    operation === 'complete' ? refusal(400, 'InvalidPart') : undefined,
  );
  await assert.rejects(put(under.blobs, 'key', { body: large }), /did not put the parts of key together/);
  assert.deepEqual(await under.unfinished(), []);
  assert.deepEqual(await keysOf(under.blobs, ''), []);
});

test('parts whose putting together lost its answer are found to be the object', async () => {
  await using under = await faulty((request) => {
    if (request.operation !== 'complete') return undefined;
    return request.before === 0
      ? request.pass().then(() => refusal(500, 'InternalError'))
      : refusal(404, 'NoSuchUpload');
  });
  const info = await put(under.blobs, 'key', { body: large });
  assert.equal(info.size, large.length);
  assert.ok((await bytesOf(under.blobs, 'key')).equals(large));
  assert.deepEqual(await under.unfinished(), []);
});

test('an upload that S3 has forgotten is not taken for the object that was there before', async () => {
  await using under = await faulty(({ operation, before }) =>
    operation === 'complete' && before > 0 ? refusal(404, 'NoSuchUpload') : undefined,
  );
  await put(under.blobs, 'key', { body: large });
  await assert.rejects(put(under.blobs, 'key', { body: large.subarray(1) }), /NoSuchUpload/);
  assert.ok((await bytesOf(under.blobs, 'key')).equals(large));
});

test('abort in the middle of finish ends it, and leaves no parts', async () => {
  const aborting = Promise.withResolvers<void>();
  await using under = await faulty((request) => {
    if (request.operation !== 'part' || request.query['partNumber'] !== '2') return undefined;
    aborting.resolve();
    return noAnswer(request);
  });
  const upload = under.blobs.begin();
  await upload.write(large);
  const finished = upload.finish({ key: 'key' });
  await Promise.all([
    assert.rejects(finished, /this upload is aborted/),
    aborting.promise.then(() => upload.abort()),
  ]);
  assert.deepEqual(await under.unfinished(), []);
  assert.deepEqual(await keysOf(under.blobs, ''), []);
});
