import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logMetrics, MemoryMetrics } from '../../../drivers/system/metrics.ts';
import { ManualClock } from '../../contracts/manual-clock.ts';
import { recordingLog } from '../../contracts/recording-log.ts';

test('counts add up by name and dimensions, whatever the dimensions order', () => {
  const metrics = new MemoryMetrics();
  metrics.count('accepted');
  metrics.count('accepted', { port: '25', tls: 'yes' }, 2);
  metrics.count('accepted', { tls: 'yes', port: '25' });
  assert.equal(metrics.total('accepted'), 1);
  assert.equal(metrics.total('accepted', { port: '25', tls: 'yes' }), 3);
  assert.equal(metrics.total('accepted', { port: '587' }), 0);
});

test('gauges keep the last value, times their count, sum and maximum', () => {
  const metrics = new MemoryMetrics();
  metrics.gauge('sessions', 5);
  metrics.gauge('sessions', 3);
  for (const ms of [10, 30, 20]) metrics.timeMs('delivery', ms);
  assert.deepEqual(
    metrics.readings().map(({ series }) => series),
    [
      { kind: 'gauge', value: 3 },
      { kind: 'time', count: 3, totalMs: 60, maxMs: 30 },
    ],
  );
});

test('a dimension with too many values does not fill the memory', () => {
  const metrics = new MemoryMetrics();
  for (let value = 0; value < 10_500; value++) metrics.count('clients', { address: String(value) });
  assert.equal(metrics.readings().length, 10_000);
  assert.equal(metrics.dropped, 500);
});

test('each minute the log has what changed, and nothing when nothing did', async () => {
  const metrics = new MemoryMetrics();
  const clock = new ManualClock();
  const log = recordingLog();
  const logging = logMetrics({ metrics, clock, log });
  metrics.count('accepted', { port: '25' }, 4);
  await clock.advance(60_000);
  await clock.advance(60_000);
  assert.deepEqual(
    log.lines.map(({ fields }) => fields),
    [{ metric: 'accepted', port: '25', total: 4 }],
  );
  metrics.timeMs('delivery', 8);
  await logging[Symbol.asyncDispose]();
  assert.deepEqual(log.lines.at(-1)?.fields, { metric: 'delivery', count: 1, meanMs: 8, maxMs: 8 });
  assert.equal(clock.sleeping, 0);
});
