/** Items as attributes of DynamoDB: what is readable there, and what is refused before it is sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toAttributes, toItem, ValueRefused } from '../../../../drivers/aws/table/attribute-values.ts';
import type { Item } from '../../../../mail/ports/table.ts';

const key = { pk: 'a', sk: 'b' };

test('attributes keep their names and have the plain types of DynamoDB', () => {
  const item: Item = { ...key, rev: 7, name: 'x', seen: true, gone: null, list: [1, { deep: 'y' }] };
  assert.deepEqual(toAttributes(item), {
    pk: { S: 'a' },
    sk: { S: 'b' },
    rev: { N: '7' },
    name: { S: 'x' },
    seen: { BOOL: true },
    gone: { NULL: true },
    list: { L: [{ N: '1' }, { M: { deep: { S: 'y' } } }] },
  });
});

test('numbers come back to the last digit', () => {
  for (const number of [0.1, 1 / 3, -2 / 3, 2 ** 53 - 1, 5e-130, 9.75e125, 1e21, 123e-20])
    assert.equal(toItem(toAttributes({ ...key, number }))['number'], number);
});

test('what DynamoDB cannot hold is refused by the name of its attribute, without its value', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
  const refused: readonly (readonly [string, unknown, RegExp])[] = [
    ['too large a number', 1e126, /attribute x cannot/],
    ['too small a number', 1e-131, /attribute x cannot/],
    ['not a number', NaN, /attribute x cannot/],
    ['a hole in a list', { list: Array(1) }, /attribute x\.list\[0\] cannot/],
    ['a name that is empty', { '': 1 }, /attribute x\. cannot/],
    ['too deep', nested(33), /nested deeper than 32/],
    ['half a character', { secret: 'secret\ud800' }, /attribute x\.secret cannot(?!.*secret\\)/],
  ];
  for (const [what, x, message] of refused)
    assert.throws(
      () => toAttributes({ ...key, x } as Item),
      (fault) => fault instanceof ValueRefused && message.test(fault.message),
      what,
    );
});
