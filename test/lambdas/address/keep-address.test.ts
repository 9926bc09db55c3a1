import assert from 'node:assert/strict';
import { test } from 'node:test';

import { keepAddress } from '../../../lambdas/address/keep-address.ts';
import { recordingLog } from '../../contracts/recording-log.ts';

test('the name leads to the task that runs, and is changed only when its address does', async () => {
  const put: unknown[] = [];
  const log = recordingLog();
  let address: string | undefined;
  let failing = false;
  const keep = keepAddress({
    hostname: 'mail.example.org',
    findAddress: async () => address,
    zone: {
      put: async (records) => {
        if (failing) throw new Error('Route 53 is away');
        put.push(...records);
      },
    },
    log,
  });
  await keep();
  assert.deepEqual(put, []);
  assert.ok(log.lines.some(({ event }) => event === 'address.none'));
  address = '192.0.2.1';
  failing = true;
  await assert.rejects(keep(), /Route 53 is away/);
  failing = false;
  await keep();
  await keep();
  address = '192.0.2.2';
  await keep();
  const record = { name: 'mail.example.org', type: 'A', ttl: 60 };
  assert.deepEqual(put, [
    { ...record, values: ['192.0.2.1'] },
    { ...record, values: ['192.0.2.2'] },
  ]);
});
