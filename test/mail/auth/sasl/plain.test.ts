import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SaslStep } from '../../../../mail/auth/sasl/mechanism.ts';
import { plainMechanism } from '../../../../mail/auth/sasl/plain.ts';

const answer = (message: string | Buffer): SaslStep => plainMechanism.begin().next(Buffer.from(message));

function password(step: SaslStep): Extract<SaslStep, { readonly kind: 'password' }> {
  assert.equal(step.kind, 'password');
  return step;
}

test('PLAIN without an initial response asks with an empty challenge, once', () => {
  const exchange = plainMechanism.begin();
  const step = exchange.next(undefined);
  assert.equal(step.kind, 'challenge');
  assert.equal(step.kind === 'challenge' && step.data.length, 0);
  const { user, password: secret } = password(exchange.next(Buffer.from('\0tim\0tanstaaftanstaaf')));
  assert.equal(user, 'tim');
  assert.equal(secret.reveal(), 'tanstaaftanstaaf');
  assert.equal(exchange.next(Buffer.from('\0tim\0x')).kind, 'malformed');
  assert.equal(plainMechanism.begin().next(undefined).kind, 'challenge');
});

test('PLAIN reports another authorization identity, and not the own one', () => {
  assert.equal(password(answer('Ursel\0Kurt\0xipj3plmq')).authorizationId, 'Ursel');
  assert.equal(password(answer('kurt\0kurt\0xipj3plmq')).authorizationId, undefined);
  assert.equal(
    password(answer('Kurt@Example.TEST\0kurt@example.test\0xipj3plmq')).authorizationId,
    undefined,
  );
  assert.equal(password(answer('kurt@other.test\0kurt@example.test\0x')).authorizationId, 'kurt@other.test');
});

test('PLAIN keeps every character of a password but NUL, and composes the user name', () => {
  assert.equal(password(answer('\0u\0 a@b:c%"\\ ')).password.reveal(), ' a@b:c%"\\ ');
  assert.equal(password(answer('\0jose\u0301@example.test\0x')).user, 'jos\u00e9@example.test');
});

test('PLAIN refuses what is not its grammar', () => {
  const wrong: (string | Buffer)[] = [
    '',
    'u',
    'u\0p',
    '\0\0p',
    '\0u\0',
    '\0u\0p\0',
    '\0u\0p\0q',
    '\0u\r\n\0p',
    Buffer.from([0, 0x75, 0, 0xff, 0xfe]),
    `\0${'u'.repeat(513)}\0p`,
    `\0u\0${'p'.repeat(1025)}`,
    `${'z'.repeat(513)}\0u\0p`,
  ];
  for (const message of wrong) assert.equal(answer(message).kind, 'malformed', JSON.stringify(message));
});

test('PLAIN takes names and passwords of 255 octets, as RFC 4616 asks', () => {
  assert.equal(answer(`\0${'u'.repeat(255)}\0${'p'.repeat(255)}`).kind, 'password');
});

test('the step of PLAIN does not print its password', () => {
  assert.equal(JSON.stringify(answer('\0u\0hunter2hunter2')).includes('hunter2'), false);
});
