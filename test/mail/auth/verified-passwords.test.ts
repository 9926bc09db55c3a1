import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { verifiedPasswordMs } from '../../../mail/auth/limits.ts';
import { Secret } from '../../../mail/auth/secret.ts';
import { VerifiedPasswords } from '../../../mail/auth/verified-passwords.ts';
import { ManualClock } from '../../contracts/manual-clock.ts';

const of = (accountId: string, password: string, verifier = 'v1') => ({
  accountId,
  password: new Secret(password),
  verifier,
});

test('a verified password is known for some minutes, of its account only', async () => {
  const clock = new ManualClock();
  const verified = new VerifiedPasswords({ clock });
  verified.add(of('ann', 'correct horse'));
  assert.equal(verified.has(of('ann', 'correct horse')), true);
  assert.equal(verified.has(of('ann', 'wrong horse')), false);
  assert.equal(verified.has(of('bob', 'correct horse')), false);
  await clock.advance(verifiedPasswordMs - 1);
  assert.equal(verified.has(of('ann', 'correct horse')), true);
  await clock.advance(1);
  assert.equal(verified.has(of('ann', 'correct horse')), false);
  assert.equal(verified.size, 0);
});

test('another verifier forgets the password, also when the old one comes back', () => {
  const verified = new VerifiedPasswords({ clock: new ManualClock() });
  verified.add(of('ann', 'correct horse'));
  assert.equal(verified.has(of('ann', 'correct horse', 'v2')), false);
  assert.equal(verified.has(of('ann', 'correct horse', 'v1')), false);
});

test('only so many are remembered, the newest', () => {
  const verified = new VerifiedPasswords({ clock: new ManualClock(), max: 3 });
  for (const name of ['a', 'b', 'c', 'a', 'd']) verified.add(of(name, 'correct horse'));
  assert.equal(verified.size, 3);
  const known = ['a', 'b', 'c', 'd'].filter((name) => verified.has(of(name, 'correct horse')));
  assert.deepEqual(known, ['a', 'c', 'd']);
});

test('the passwords themselves are not kept', () => {
  const verified = new VerifiedPasswords({ clock: new ManualClock() });
  verified.add(of('ann', 'correct horse'));
  assert.equal(inspect(verified, { depth: 9, showHidden: true }).includes('horse'), false);
});
