/** Reads that are throttled, not answered, or answered in part. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TableFault } from '../../../../drivers/aws/table/table-fault.ts';
import type { Table } from '../../../../mail/ports/table.ts';
import { networkError, refusal, scriptedTable, type Answer, type Asked } from './scripted-service.ts';

const key = { pk: 'a', sk: '1' };
const stored = { pk: { S: 'a' }, sk: { S: '1' }, text: { S: 'x' } };
const item = { ...key, text: 'x' };

const reads: readonly (readonly [string, (table: Table) => Promise<unknown>, object, unknown])[] = [
  ['get', (table) => table.get(key), { Item: stored }, item],
  ['getMany', (table) => table.getMany([key]), { Responses: { scripted: [stored] } }, [item]],
  ['query', (table) => table.query({ pk: 'a' }), { Items: [stored] }, { items: [item] }],
];

const passing: readonly (readonly [string, Answer])[] = [
  ['throttled', refusal('ProvisionedThroughputExceededException')],
  ['limited', refusal('RequestLimitExceeded')],
  ['answered with an internal error', refusal('InternalServerError', { status: 500 })],
  ['cut off', networkError('ECONNRESET')],
  ['answered in part', { cut: true }],
];

for (const [name, read, body, expected] of reads) {
  for (const [what, answer] of passing)
    test(`${name} that is ${what} is made again until it is answered`, async () => {
      const { table, asked } = scriptedTable(answer, answer, answer, { status: 200, body });
      assert.deepEqual(await read(table), expected);
      assert.equal(asked.length, 4);
    });

  test(`${name} that is always throttled rejects in the end, and says so`, async () => {
    const { table, asked } = scriptedTable(refusal('ThrottlingException'));
    await assert.rejects(read(table), /table scripted .*ThrottlingException.*try again later.*CloudWatch/);
    assert.ok(asked.length > 3 && asked.length < 20, `${asked.length} requests`);
  });

  test(`${name} that is refused is not made again`, async () => {
    const { table, asked } = scriptedTable(refusal('AccessDeniedException'));
    await assert.rejects(read(table), TableFault);
    assert.equal(asked.length, 1);
  });
}

/** Of a BatchGetItem: all the keys that it asked for. */
function keysOf({ body }: Asked): readonly { readonly sk: { readonly S: string } }[] {
  const { scripted } = body['RequestItems'] as { readonly scripted: { readonly Keys: [] } };
  return scripted.Keys;
}

function partial(got: readonly string[], left: readonly string[]): Answer {
  const of = (sk: string) => ({ pk: { S: 'a' }, sk: { S: sk } });
  const unprocessed = left.length === 0 ? {} : { scripted: { Keys: left.map(of) } };
  return { status: 200, body: { Responses: { scripted: got.map(of) }, UnprocessedKeys: unprocessed } };
}

test('what a batch leaves out is asked for again, and only that', async () => {
  const { table, asked } = scriptedTable(
    partial(['2'], ['1', '3']),
    partial([], ['1', '3']),
    partial(['3'], ['1']),
    partial([], []),
  );
  const found = await table.getMany(['1', '2', '3'].map((sk) => ({ pk: 'a', sk })));
  assert.deepEqual(
    found.map((each) => each?.sk),
    [undefined, '2', '3'],
  );
  assert.deepEqual(
    asked.map((request) => keysOf(request).map(({ sk }) => sk.S)),
    [['1', '2', '3'], ['1', '3'], ['1', '3'], ['1']],
  );
});

test('a batch of which nothing is ever answered rejects as throttled', async () => {
  const { table, asked } = scriptedTable(partial([], ['1']));
  await assert.rejects(table.getMany([key]), /left unprocessed .*try again later/);
  assert.ok(asked.length < 20);
});

test('a batch asks for at most 100 keys, and for none twice', async () => {
  const { table, asked } = scriptedTable({ status: 200, body: {} });
  const keys = Array.from({ length: 350 }, (_, number) => ({ pk: 'a', sk: String(number % 250) }));
  await table.getMany(keys);
  assert.deepEqual(
    asked.map((request) => keysOf(request).length),
    [100, 100, 50],
  );
});

test('reads are consistent unless it is said that they need not be', async () => {
  const { table, asked } = scriptedTable({ status: 200, body: {} });
  for (const options of [{}, { consistent: false }]) {
    await table.get(key, options);
    await table.query({ pk: 'a', ...options });
    await table.getMany([key], options);
  }
  const consistent = asked.map(({ body }) => {
    const batch = body['RequestItems'] as
      { readonly scripted: { readonly ConsistentRead: boolean } } | undefined;
    return body['ConsistentRead'] ?? batch?.scripted.ConsistentRead;
  });
  assert.deepEqual(consistent, [true, true, true, false, false, false]);
});

test('an empty range asks nothing', async () => {
  const { table, asked } = scriptedTable({ status: 200, body: {} });
  for (const range of [
    { from: 'b', to: 'a' },
    { from: 'a', to: 'a' },
    { prefix: 'a', to: 'a' },
    { prefix: 'a', from: 'b' },
    { to: 'b', after: 'b' },
    { from: 'b', after: 'b', reverse: true },
  ])
    assert.deepEqual(await table.query({ pk: 'a', ...range }), { items: [] });
  assert.equal(asked.length, 0);
});
