/** What is passed on of the wishes for a recipient, by where it leads (RFC 3461 section 5.2.7). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EnvelopeRecipient, NotifyKeyword } from '../../../mail/routing/envelope.ts';
import { readWishes } from '../../../mail/routing/wishes.ts';

const orcpt = { addressType: 'rfc822', address: 'team@x.test' };

const recipient = (localPart: string, ...notify: readonly NotifyKeyword[]): EnvelopeRecipient => ({
  address: { localPart, domain: 'a.test' },
  ...(notify.length === 0 ? {} : { notify }),
  orcpt,
});

test('an account and an alias with one target get everything', () => {
  const wishes = readWishes([recipient('ann', 'SUCCESS', 'DELAY')], { several: [] });
  const all = { recipient: 'ann@a.test', notify: ['SUCCESS', 'DELAY'], orcpt };
  assert.deepEqual(wishes.of('ann@a.test'), all);
  assert.deepEqual(wishes.passedOn('ann@a.test'), all);
  assert.deepEqual(wishes.expanded, []);
});

test('an alias with several targets passes on everything but SUCCESS, and is expanded for who asked for that', () => {
  const recipients = [
    recipient('both', 'SUCCESS', 'FAILURE'),
    recipient('success', 'SUCCESS'),
    recipient('never', 'NEVER'),
    recipient('default'),
  ];
  const several = ['both', 'success', 'never', 'default'].map((name) => `${name}@a.test`);
  const wishes = readWishes(recipients, { several });
  assert.deepEqual(
    several.map((name) => wishes.passedOn(name)),
    [
      { recipient: 'both@a.test', notify: ['FAILURE'], orcpt },
      { recipient: 'success@a.test', notify: ['NEVER'], orcpt },
      { recipient: 'never@a.test', notify: ['NEVER'], orcpt },
      { recipient: 'default@a.test', orcpt },
    ],
  );
  assert.deepEqual(
    wishes.expanded.map((each) => each.recipient),
    ['both@a.test', 'success@a.test'],
  );
});
