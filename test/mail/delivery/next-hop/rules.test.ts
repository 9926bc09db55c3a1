import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextHopsBy } from '../../../../mail/delivery/next-hop/rules.ts';
import type { NextHop } from '../../../../mail/ports/next-hop.ts';

const message = { reversePath: 'pepe@example.test' };
const hop = (): NextHop => ({ transmit: async () => ({ outcomes: [], unavailable: false }) });

test('a route comes before the smart host, the smart host before MX', () => {
  const [route, smart, mx] = [hop(), hop(), hop()];
  const routes = new Map([['routed.test', { name: 'smtp://r:25', hop: route }]]);
  const smartHost = { name: 'smtps://s:465', hop: smart };
  const all = nextHopsBy({ routes, smartHost, mx });
  assert.deepEqual(all.destinationOf('routed.test', message), {
    kind: 'send',
    name: 'smtp://r:25',
    hop: route,
  });
  assert.deepEqual(all.destinationOf('other.test', message), {
    kind: 'send',
    name: 'smtps://s:465',
    hop: smart,
  });
  const direct = nextHopsBy({ routes, mx });
  assert.deepEqual(direct.destinationOf('routed.test', message), {
    kind: 'send',
    name: 'smtp://r:25',
    hop: route,
  });
  assert.deepEqual(direct.destinationOf('other.test', message), {
    kind: 'send',
    name: 'other.test',
    hop: mx,
  });
});

test('Amazon SES takes all but what has a null sender, which is held', () => {
  const hops = nextHopsBy({ routes: new Map(), ses: { name: 'Amazon SES', hop: hop() } });
  assert.equal(hops.destinationOf('other.test', message).kind, 'send');
  const held = hops.destinationOf('other.test', { reversePath: null });
  assert.ok(held.kind === 'hold');
  assert.match(held.because, /null sender/);
  assert.equal(held.alarm, true);
});

test('without any, mail is held, and people read why', () => {
  const destination = nextHopsBy({ routes: new Map() }).destinationOf('other.test', message);
  assert.ok(destination.kind === 'hold');
  assert.match(destination.because, /--smart-host.*--mx.*--route/);
});
