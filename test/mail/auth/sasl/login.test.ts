import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loginMechanism } from '../../../../mail/auth/sasl/login.ts';
import type { SaslStep } from '../../../../mail/auth/sasl/mechanism.ts';

const bytes = (text: string) => Buffer.from(text);
const prompt = (step: SaslStep) =>
  step.kind === 'challenge' ? Buffer.from(step.data).toString() : step.kind;

test('LOGIN prompts for the user name and the password', () => {
  const exchange = loginMechanism.begin();
  assert.equal(prompt(exchange.next(undefined)), 'Username:');
  assert.equal(prompt(exchange.next(bytes('pepe@example.test'))), 'Password:');
  const step = exchange.next(bytes('s3cret words'));
  assert.equal(step.kind === 'password' && step.user, 'pepe@example.test');
  assert.equal(step.kind === 'password' && step.password.reveal(), 's3cret words');
  assert.equal(exchange.next(bytes('again')).kind, 'malformed');
});

test('LOGIN takes the user name as the initial response', () => {
  const exchange = loginMechanism.begin();
  assert.equal(prompt(exchange.next(bytes('pepe'))), 'Password:');
  assert.equal(exchange.next(bytes('x')).kind, 'password');
});

test('LOGIN refuses empty, too long and undecodable answers', () => {
  for (const user of ['', 'u\0v', 'u'.repeat(513)]) {
    const exchange = loginMechanism.begin();
    assert.equal(exchange.next(bytes(user)).kind, 'malformed');
    assert.equal(exchange.next(bytes('x')).kind, 'malformed');
  }
  for (const password of [bytes(''), bytes('p\0q'), bytes('p'.repeat(1025)), Buffer.from([0xc3])]) {
    const exchange = loginMechanism.begin();
    exchange.next(bytes('pepe'));
    assert.equal(exchange.next(password).kind, 'malformed');
  }
});
