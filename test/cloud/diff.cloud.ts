/** A deployment that is deployed again changes nothing: nothing in the templates is made anew each time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cdk } from './cdk.ts';

test('cdk diff says that there is nothing to do', async () => {
  const { code, output } = await cdk(['diff', '--fail']);
  assert.equal(code, 0, output);
  assert.match(output, /Number of stacks with differences: 0/);
});
