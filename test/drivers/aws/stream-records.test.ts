/** Events of the table's stream, as AWS documents them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DynamoDBRecord } from 'aws-lambda';
import { streamRecords } from '../../../drivers/aws/stream-records.ts';

function record(
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE',
  sk: string,
  more: NonNullable<DynamoDBRecord['dynamodb']> = {},
): DynamoDBRecord {
  const keys = { pk: { S: 'account#a' }, sk: { S: sk } };
  const image = eventName === 'REMOVE' ? {} : { NewImage: { ...keys, rev: { N: '7' } } };
  return { eventName, dynamodb: { Keys: keys, SequenceNumber: '100000000001', ...image, ...more } };
}

test('a log record is told whole, its bytes and lists too', () => {
  const image = {
    pk: { S: 'account#a' },
    sk: { S: 'c#000000000000007' },
    token: { S: 'x' },
    atMs: { N: '1795690000000' },
    messages: {
      L: [{ M: { kind: { S: 'added' }, records: { B: 'AAH+/w==' }, keywords: { L: [{ S: '$Junk' }] } } }],
    },
    held: { BOOL: false },
    nothing: { NULL: true },
  };
  const [told] = streamRecords({ Records: [record('INSERT', 'c#7', { NewImage: image })] });
  assert.deepEqual(told?.item, {
    pk: 'account#a',
    sk: 'c#000000000000007',
    token: 'x',
    atMs: 1795690000000,
    messages: [{ kind: 'added', records: new Uint8Array([0, 1, 254, 255]), keywords: ['$Junk'] }],
    held: false,
    nothing: null,
  });
});

test('other items and deletions are passed over, and the order stays', () => {
  const Records = [
    record('INSERT', 'c#3'),
    record('MODIFY', 'clock'),
    record('REMOVE', 'c#1'),
    record('MODIFY', 'c#2'),
    record('INSERT', 'c'),
    {},
  ];
  assert.deepEqual(
    streamRecords({ Records }).map(({ item }) => item.sk),
    ['c#3', 'c#2'],
  );
});

test('positions are ordered as the sequence numbers are, whatever their length', () => {
  const numbers = ['9', '10', '99999999999999999999', '100000000000000000000', '300000000000000499659'];
  const Records = numbers.map((SequenceNumber) => record('INSERT', 'c#1', { SequenceNumber }));
  const told = streamRecords({ Records });
  assert.deepEqual(
    told.map(({ sequenceNumber }) => sequenceNumber),
    numbers,
  );
  const positions = told.map(({ position }) => position);
  assert.deepEqual(positions, positions.toSorted());
});
