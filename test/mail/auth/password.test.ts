import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import { test } from 'node:test';
import { Overloaded } from '../../../mail/auth/concurrency.ts';
import { generatePassword, normalizeGenerated } from '../../../mail/auth/generated-password.ts';
import {
  hashGenerated,
  PasswordHasher,
  PasswordRefused,
  verifyGenerated,
} from '../../../mail/auth/password.ts';
import { formatVerifier, parseVerifier } from '../../../mail/auth/password-verifier.ts';
import { Secret } from '../../../mail/auth/secret.ts';
import { countingDerive } from '../directory/directory-kit.ts';

const small = { log2N: 4, blockSize: 8, parallelization: 1 };

test('a verifier says how it was made, and is scrypt of the password', async () => {
  const text = await new PasswordHasher().hash(new Secret('correct horse'));
  assert.match(text, /^\$scrypt\$ln=14,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  const verifier = parseVerifier(text);
  assert.ok(verifier);
  const expected = scryptSync('correct horse', verifier.salt, 32, { N: 2 ** 14, r: 8, p: 1 });
  assert.deepEqual(verifier.hash, expected);
  assert.equal(formatVerifier(verifier), text);
});

test('the right password matches, a wrong one does not, and no two verifiers are the same', async () => {
  const hasher = new PasswordHasher({ parameters: small });
  const one = await hasher.hash(new Secret('correct horse'));
  assert.notEqual(one, await hasher.hash(new Secret('correct horse')));
  assert.deepEqual(await hasher.verify(new Secret('correct horse'), one), { matches: true, rehash: false });
  for (const wrong of ['correct hors', 'Correct horse', '', 'correct horse\0', 'p'.repeat(2000)])
    assert.deepEqual(await hasher.verify(new Secret(wrong), one), { matches: false, rehash: false }, wrong);
});

test('a password is the same however its characters are composed', async () => {
  const hasher = new PasswordHasher({ parameters: small });
  const verifier = await hasher.hash(new Secret('caf\u00e9 au lait'));
  const check = await hasher.verify(new Secret('cafe\u0301\u00a0au lait'), verifier);
  assert.equal(check.matches, true);
});

test('a verifier of other parameters still matches, and is wanted anew', async () => {
  const old = await new PasswordHasher({ parameters: { ...small, log2N: 3 } }).hash(
    new Secret('correct horse'),
  );
  const hasher = new PasswordHasher({ parameters: small });
  assert.deepEqual(await hasher.verify(new Secret('correct horse'), old), { matches: true, rehash: true });
  assert.deepEqual(await hasher.verify(new Secret('wrong horse'), old), { matches: false, rehash: false });
});

test('whatever is wrong, one hash is made', async () => {
  const { derive, made } = countingDerive();
  const hasher = new PasswordHasher({ derive });
  const verifier = await hasher.hash(new Secret('correct horse'));
  const cases: [string, string | undefined][] = [
    ['correct horse', verifier],
    ['wrong horse', verifier],
    ['correct horse', undefined],
    ['', undefined],
    ['correct horse', 'damaged'],
    ['correct horse', hashGenerated('abcdefghjkmnpqrstuvw')],
  ];
  for (const [password, against] of cases) {
    const before = made();
    await hasher.verify(new Secret(password), against);
    assert.equal(made() - before, 1);
  }
  await assert.rejects(hasher.hash(new Secret('')), PasswordRefused);
});

test('a verifier that would cost more than we make, or is damaged, is none', () => {
  const salt = 'A'.repeat(22);
  const hash = 'B'.repeat(43);
  assert.ok(parseVerifier(`$scrypt$ln=18,r=8,p=1$${salt}$${hash}`));
  for (const text of [
    '',
    `$scrypt$ln=19,r=8,p=1$${salt}$${hash}`,
    `$scrypt$ln=99,r=99,p=99$${salt}$${hash}`,
    `$scrypt$ln=0,r=8,p=1$${salt}$${hash}`,
    `$scrypt$ln=14,r=8,p=17$${salt}$${hash}`,
    `$scrypt$ln=14,r=8,p=1$${salt}$`,
    `$scrypt$ln=14,r=8,p=1$${salt}$${hash}$`,
    `$argon2id$v=19$m=65536,t=2,p=1$${salt}$${hash}`,
  ])
    assert.equal(parseVerifier(text), undefined, text);
});

test('no more hashes run or wait at once than the bounds, and each that waits has its turn', async () => {
  let running = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  const hasher = new PasswordHasher({
    maxConcurrent: 2,
    maxWaiting: 3,
    async derive({ bytes }) {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => waiting.push(resolve));
      running -= 1;
      return Buffer.alloc(bytes);
    },
  });
  const hashes = Array.from({ length: 5 }, () => hasher.hash(new Secret('correct horse')));
  await assert.rejects(hasher.hash(new Secret('correct horse')), Overloaded);
  for (let ended = 0; ended < 5; ended++) {
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal((await Promise.all(hashes)).length, 5);
  assert.equal(most, 2);
});

test('a generated password is readable, of 80 bits at least, and typed in any way', () => {
  const seen = new Set<string>();
  const letters = new Set<string>();
  for (let count = 0; count < 500; count++) {
    const password = generatePassword().reveal();
    assert.match(password, /^[a-hj-km-np-z]{5}(-[a-hj-km-np-z]{5}){3}$/);
    seen.add(password);
    for (const letter of password.replaceAll('-', '')) letters.add(letter);
  }
  assert.equal(seen.size, 500);
  assert.ok(20 * Math.log2(letters.size) >= 80);
  const expected = 'abcdefghjkmnpqrstuvw';
  for (const typed of ['abcde-fghjk-mnpqr-stuvw', 'abcde fghjk mnpqr stuvw', 'ABCDEFGHJKMNPQRSTUVW '])
    assert.equal(normalizeGenerated(new Secret(typed)), expected, typed);
  for (const other of ['', 'abcde-fghjk-mnpqr-stuv', 'abcde-fghjk-mnpqr-stuvi', 'abcde-fghjk-mnpqr-stuv1'])
    assert.equal(normalizeGenerated(new Secret(other)), undefined, other);
});

test('the verifier of a generated password matches it alone', () => {
  const verifier = hashGenerated('abcdefghjkmnpqrstuvw');
  assert.match(verifier, /^\$hmac-sha256\$/);
  assert.equal(verifyGenerated('abcdefghjkmnpqrstuvw', verifier), true);
  assert.equal(verifyGenerated('abcdefghjkmnpqrstuvx', verifier), false);
  assert.equal(verifyGenerated('abcdefghjkmnpqrstuvw', 'damaged'), false);
});
