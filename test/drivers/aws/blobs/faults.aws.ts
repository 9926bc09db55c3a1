/** S3 behind a network that throttles, loses answers and breaks off: nothing is lost, and nothing is left behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, keysOf, put } from '../../../contracts/blobs-use.ts';
import { seededBytes } from '../../../contracts/seeded-bytes.ts';
import { FaultyHandler, first, type Asked, type Fault } from '../faulty-handler.ts';
import { temporaryBucket } from './temporary-bucket.ts';

const slowDown: Fault = {
  kind: 'status',
  status: 503,
  body: '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>',
};
const broken: Fault = {
  kind: 'status',
  status: 500,
  body: '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>We encountered an error.</Message></Error>',
};
const conflict: Fault = {
  kind: 'status',
  status: 409,
  body: '<?xml version="1.0"?><Error><Code>OperationAborted</Code><Message>A conflicting operation is in progress.</Message></Error>',
};

async function faultyBucket() {
  const network = new FaultyHandler();
  const bucket = await temporaryBucket({ requestHandler: network, patienceMs: 5000 });
  return { ...bucket, network };
}

const isPut = ({ method }: Asked) => method === 'PUT';
const isGet = ({ method }: Asked) => method === 'GET';
const small = seededBytes('small', 50_000);
/** Goes in parts. */
const large = seededBytes('large', 20_000_000);

for (const [name, fault] of Object.entries({
  slowDown,
  broken,
  conflict,
  lost: { kind: 'lost' },
  reset: { kind: 'reset' },
} as const))
  test(`a PUT that meets "${name}" is made again, and the bytes are there once and whole`, async () => {
    await using bucket = await faultyBucket();
    bucket.network.fault = first(1, fault, isPut);
    await put(bucket.blobs, 'a.eml', { body: small });
    assert.deepEqual(await bytesOf(bucket.blobs, 'a.eml'), Buffer.from(small));
    assert.deepEqual(await keysOf(bucket.blobs, ''), ['a.eml']);
  });

test('an upload in parts whose part is lost for good leaves nothing behind', async () => {
  await using bucket = await faultyBucket();
  bucket.network.fault = ({ method, query }) =>
    method === 'PUT' && query.includes('partNumber,2') ? broken : undefined;
  await assert.rejects(put(bucket.blobs, 'large.eml', { body: large }), /S3 did not/);
  assert.deepEqual(await bucket.unfinished(), []);
  assert.deepEqual(await keysOf(bucket.blobs, ''), []);
  assert.deepEqual(await bucket.scratchNames(), []);
});

test('an upload in parts whose parts meet a fault now and then is whole', async () => {
  await using bucket = await faultyBucket();
  bucket.network.fault = first(2, { kind: 'lost' }, isPut);
  await put(bucket.blobs, 'large.eml', { body: large });
  assert.deepEqual(await bytesOf(bucket.blobs, 'large.eml'), Buffer.from(large));
  assert.deepEqual(await bucket.unfinished(), []);
});

test('a read that is throttled goes on', async () => {
  await using bucket = await faultyBucket();
  await put(bucket.blobs, 'a.eml', { body: small });
  bucket.network.fault = first(2, slowDown, isGet);
  assert.deepEqual(
    await bytesOf(bucket.blobs, 'a.eml', { start: 10, end: 2000 }),
    Buffer.from(small.subarray(10, 2000)),
  );
});
