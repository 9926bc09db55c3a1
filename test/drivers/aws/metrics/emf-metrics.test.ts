import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EmfMetrics } from '../../../../drivers/aws/metrics/emf-metrics.ts';

function emf() {
  const lines: string[] = [];
  const metrics = new EmfMetrics({
    destination: { write: (line: string) => void lines.push(line) },
    clock: { now: () => Date.parse('2026-11-26T12:00:00Z') },
    namespace: 'Posta/test',
    service: 'route',
    published: { 'smtp.accepted': [], 'relay.ms': ['place'] },
  });
  const documents = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { metrics, documents };
}

test('counts are summed, and what is published becomes a metric of CloudWatch', () => {
  const { metrics, documents } = emf();
  metrics.count('smtp.accepted');
  metrics.count('smtp.accepted', {}, 2);
  metrics.count('smtp.sessions');
  metrics.flush();
  assert.deepEqual(documents(), [
    {
      time: '2026-11-26T12:00:00.000Z',
      level: 'info',
      event: 'metrics',
      service: 'route',
      'smtp.accepted': 3,
      'smtp.sessions': 1,
      _aws: {
        Timestamp: Date.parse('2026-11-26T12:00:00Z'),
        CloudWatchMetrics: [
          { Namespace: 'Posta/test', Dimensions: [[]], Metrics: [{ Name: 'smtp.accepted', Unit: 'Count' }] },
        ],
      },
    },
  ]);
});

test('each set of dimensions is a line of its own; times are all told, the last hundred', () => {
  const { metrics, documents } = emf();
  for (let ms = 1; ms <= 120; ms++) metrics.timeMs('relay.ms', ms, { place: 'a' });
  metrics.gauge('open', 7, { protocol: 'imap' });
  metrics.gauge('open', 9, { protocol: 'imap' });
  metrics.flush();
  const [times, gauge] = documents();
  assert.deepEqual(
    times?.['relay.ms'],
    Array.from({ length: 100 }, (_, at) => at + 21),
  );
  assert.equal(times?.['place'], 'a');
  assert.deepEqual([gauge?.['open'], gauge?.['protocol'], gauge?.['_aws']], [9, 'imap', undefined]);
});

test('a flush begins anew, and one without anything measured writes nothing', () => {
  const { metrics, documents } = emf();
  metrics.count('smtp.accepted');
  metrics.flush();
  metrics.flush();
  assert.equal(documents().length, 1);
});
