/** What a commit answers to each answer of DynamoDB, and that it is sent once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TableFault } from '../../../../drivers/aws/table/table-fault.ts';
import type { CommitOutcome, Write } from '../../../../mail/ports/table.ts';
import { done, networkError, refusal, scriptedTable, type Answer } from './scripted-service.ts';

const one: Write = { kind: 'put', item: { pk: 'a', sk: '1', text: 'x' }, condition: { kind: 'absent' } };
const two: Write = { kind: 'delete', key: { pk: 'a', sk: '2' } };

function cancelled(...codes: readonly string[]): Answer {
  const reasons = codes.map((Code) => ({ Code, Message: Code }));
  return refusal('TransactionCanceledException', { body: { CancellationReasons: reasons } });
}

const failed = (...indexes: readonly number[]): CommitOutcome => ({
  kind: 'conditionFailed',
  failed: indexes,
});

const ofTransactions: readonly (readonly [string, Answer, CommitOutcome])[] = [
  ['success', done, { kind: 'committed' }],
  ['a condition failed', cancelled('None', 'ConditionalCheckFailed'), failed(1)],
  ['both conditions failed', cancelled('ConditionalCheckFailed', 'ConditionalCheckFailed'), failed(0, 1)],
  ['one failed, one in conflict', cancelled('TransactionConflict', 'ConditionalCheckFailed'), failed(1)],
  ['in conflict', cancelled('None', 'TransactionConflict'), { kind: 'conflict' }],
  ['an item throttled', cancelled('ThrottlingError', 'None'), { kind: 'throttled' }],
  ['capacity used up', cancelled('ProvisionedThroughputExceeded', 'None'), { kind: 'throttled' }],
  ['the same token is on its way', refusal('TransactionInProgressException'), { kind: 'unknown' }],
];

const ofAll: readonly (readonly [string, Answer, CommitOutcome])[] = [
  ['capacity used up', refusal('ProvisionedThroughputExceededException'), { kind: 'throttled' }],
  ['requests limited', refusal('RequestLimitExceeded'), { kind: 'throttled' }],
  ['throttled', refusal('ThrottlingException'), { kind: 'throttled' }],
  ['an internal error', refusal('InternalServerError', { status: 500 }), { kind: 'unknown' }],
  ['unavailable', { status: 503, body: '<html>not JSON</html>' }, { kind: 'unknown' }],
  [
    'no answer in time',
    { broken: Object.assign(new Error(), { name: 'TimeoutError' }) },
    { kind: 'unknown' },
  ],
  ['connection reset', networkError('ECONNRESET'), { kind: 'unknown' }],
  ['connection refused', networkError('ECONNREFUSED'), { kind: 'unknown' }],
  ['an answer that breaks off', { cut: true }, { kind: 'unknown' }],
];

const ofSingleWrites: readonly (readonly [string, Answer, CommitOutcome])[] = [
  ['success', done, { kind: 'committed' }],
  ['the condition failed', refusal('ConditionalCheckFailedException'), failed(0)],
  ['in conflict with a transaction', refusal('TransactionConflictException'), { kind: 'conflict' }],
];

for (const [what, answer, outcome] of [...ofTransactions, ...ofAll])
  test(`a transaction answered with "${what}" is ${outcome.kind}, and is not sent again`, async () => {
    const { table, asked } = scriptedTable(answer);
    assert.deepEqual(await table.commit([one, two], { token: 'token' }), outcome);
    assert.deepEqual(
      asked.map(({ operation, body }) => [operation, body['ClientRequestToken']]),
      [['TransactWriteItems', 'token']],
    );
  });

for (const [what, answer, outcome] of [...ofSingleWrites, ...ofAll])
  test(`a single write answered with "${what}" is ${outcome.kind}, and is not sent again`, async () => {
    for (const [write, operation] of [
      [one, 'PutItem'],
      [{ ...two, condition: { kind: 'present' } }, 'DeleteItem'],
    ] as const) {
      const { table, asked } = scriptedTable(answer);
      assert.deepEqual(await table.commit([write]), outcome);
      assert.deepEqual(
        asked.map((request) => request.operation),
        [operation],
      );
    }
  });

test('a single write with a token, and a check, are transactions', async () => {
  const check: Write = { kind: 'check', key: { pk: 'a', sk: '1' }, condition: { kind: 'present' } };
  const { table, asked } = scriptedTable(done);
  await table.commit([one], { token: 'token' });
  await table.commit([check]);
  assert.deepEqual(
    asked.map(({ operation, body }) => [operation, (body['TransactItems'] as readonly unknown[]).length]),
    [
      ['TransactWriteItems', 1],
      ['TransactWriteItems', 1],
    ],
  );
});

test('two commits of the same writes with the same token are byte for byte the same request', async () => {
  const { table, asked } = scriptedTable(done);
  for (let time = 0; time < 2; time++) await table.commit([one, two], { token: 'token' });
  assert.equal(JSON.stringify(asked[0]), JSON.stringify(asked[1]));
});

for (const [name, advice] of [
  ['ResourceNotFoundException', /table is there/],
  ['AccessDeniedException', /policy of the role/],
  ['ExpiredTokenException', /credentials/],
  ['IdempotentParameterMismatchException', /other writes within the last 10 minutes/],
  ['ValidationException', /error of this program/],
] as const)
  test(`${name} is a fault that says what to do next`, async () => {
    const { table, asked } = scriptedTable(refusal(name));
    await assert.rejects(table.commit([one, two], { token: 'token' }), (fault) => {
      assert.ok(fault instanceof TableFault);
      assert.match(fault.message, /table scripted/);
      assert.match(fault.message, new RegExp(name));
      return advice.test(fault.message);
    });
    assert.equal(asked.length, 1);
  });

test('a transaction that would fail again is a fault', async () => {
  for (const code of ['ValidationError', 'ItemCollectionSizeLimitExceeded'])
    await assert.rejects(scriptedTable(cancelled('None', code)).table.commit([one, two]), TableFault);
});
