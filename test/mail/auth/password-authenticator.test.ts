import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { MemoryMetrics } from '../../../drivers/system/metrics.ts';
import type { Authentication, Scope } from '../../../mail/auth/authenticator.ts';
import { credentialUseFlushMs } from '../../../mail/auth/credential-uses.ts';
import { PasswordHasher } from '../../../mail/auth/password.ts';
import {
  createPasswordAuthenticator,
  type PasswordAuthenticator,
} from '../../../mail/auth/password-authenticator.ts';
import { Secret } from '../../../mail/auth/secret.ts';
import { throttlePartition } from '../../../mail/auth/throttle-item.ts';
import { setAccountStatus, setPassword } from '../../../mail/directory/change-account.ts';
import { addCredential, removeCredential } from '../../../mail/directory/change-credential.ts';
import { addDomain, setDomain } from '../../../mail/directory/change-domain.ts';
import { ManualClock } from '../../contracts/manual-clock.ts';
import {
  account,
  countingDerive,
  directoryKit,
  done,
  refused,
  type DirectoryKit,
} from '../directory/directory-kit.ts';

interface AuthKit extends AsyncDisposable {
  readonly kit: DirectoryKit;
  readonly clock: ManualClock;
  readonly metrics: MemoryMetrics;
  readonly authenticator: PasswordAuthenticator;
  /** scrypt hashes made by logins so far. */
  readonly hashes: () => number;
  /** From an address of its own each time, unless given. */
  login(user: string, password: string, options?: LoginOptions): Promise<Authentication>;
  /** The kind of the answer, and the hashes that it took. */
  kindAndHashes(user: string, password: string, options?: LoginOptions): Promise<[string, number]>;
}

interface LoginOptions {
  readonly scope?: Scope;
  readonly from?: string;
}

/** Ann at example.test, whose password is `correct horse`. */
async function authKit(): Promise<AuthKit> {
  const kit = await directoryKit('example.test');
  await account(kit, 'ann@example.test');
  const clock = new ManualClock(kit.clock.now());
  const metrics = new MemoryMetrics();
  const { derive, made } = countingDerive();
  const { directory, table, log } = kit.ports;
  const authenticator = createPasswordAuthenticator({
    directory,
    table,
    clock,
    log,
    metrics,
    hasher: new PasswordHasher({ derive }),
  });
  let address = 0;
  const login: AuthKit['login'] = (user, password, { scope = 'pop3', from } = {}) => {
    address += 1;
    const remoteAddress = from ?? `10.0.${address >> 8}.${address & 255}`;
    return authenticator.verify({ user, password: new Secret(password), scope, remoteAddress });
  };
  return {
    kit,
    clock,
    metrics,
    authenticator,
    hashes: made,
    login,
    async kindAndHashes(...attempt) {
      const before = made();
      const { kind } = await login(...attempt);
      return [kind, made() - before];
    },
    async [Symbol.asyncDispose]() {
      await authenticator[Symbol.asyncDispose]();
      await kit[Symbol.asyncDispose]();
    },
  };
}

const right = 'correct horse';

test('an account’s own password does everything, whatever form its name is written in', async () => {
  await using auth = await authKit();
  for (const scope of ['send', 'imap', 'pop3'] as const)
    for (const user of ['ann@example.test', 'ANN@Example.TEST', 'ann', ' Ann'.trim()]) {
      const answer = await auth.login(user, right, { scope });
      assert.equal(answer.kind === 'ok' && answer.principal.address, 'ann@example.test', user);
      assert.equal(answer.kind === 'ok' && answer.principal.credential, undefined);
    }
});

test('a name without a domain means nobody once there are two domains', async () => {
  await using auth = await authKit();
  assert.equal((await auth.login('ann', right)).kind, 'ok');
  await done(addDomain(auth.kit.ports, 'other.test'));
  assert.equal((await auth.login('ann', right)).kind, 'refused');
  assert.equal((await auth.login('ann@example.test', right)).kind, 'ok');
});

test('every wrong login has the same answer after the same work', async () => {
  await using auth = await authKit();
  const { kit } = auth;
  const { password: sendOnly } = await done(
    addCredential(kit.ports, { address: 'ann@example.test', name: 'phone', scopes: ['send'] }),
  );
  await account(kit, 'bob@example.test');
  const { password: bobs } = await done(
    addCredential(kit.ports, { address: 'bob@example.test', name: 'phone' }),
  );
  await done(setAccountStatus(kit.ports, { address: 'bob@example.test', status: 'suspended' }));
  const cases: Record<string, [string, string]> = {
    'wrong password': ['ann@example.test', 'wrong horse'],
    'unknown user': ['eve@example.test', right],
    'unknown domain': ['ann@elsewhere.test', right],
    'no address': ['not an address', right],
    'no name': ['', right],
    'a name too long': [`${'a'.repeat(600)}@example.test`, right],
    'no password': ['ann@example.test', ''],
    'a password too long': ['ann@example.test', 'p'.repeat(3000)],
    'a password with NUL': ['ann@example.test', `${right}\0`],
    suspended: ['bob@example.test', right],
    'suspended, wrong password': ['bob@example.test', 'wrong horse'],
    'suspended, app password': ['bob@example.test', bobs.reveal()],
    'app password out of scope': ['ann@example.test', sendOnly.reveal()],
    'app password of another': ['ann@example.test', bobs.reveal()],
    subaddress: ['ann+x@example.test', right],
  };
  for (const [what, [user, password]] of Object.entries(cases))
    assert.deepEqual(await auth.kindAndHashes(user, password), ['refused', 1], what);
  assert.equal(auth.metrics.total('auth.refused'), Object.keys(cases).length);
  assert.deepEqual(await auth.login('eve@example.test', right), await auth.login('ann@example.test', 'x'));
});

test('an app password does what is in its scopes, typed in any way, and costs no scrypt', async () => {
  await using auth = await authKit();
  const add = (name: string, scopes: readonly Scope[]) =>
    done(addCredential(auth.kit.ports, { address: 'ann@example.test', name, scopes }));
  const phone = (await add('phone', ['imap', 'send'])).password.reveal();
  const printer = (await add('printer', ['send'])).password.reveal();
  const scopes = async (password: string) => {
    const kinds: string[] = [];
    for (const scope of ['send', 'imap', 'pop3'] as const)
      kinds.push((await auth.login('ann@example.test', password, { scope })).kind);
    return kinds;
  };
  assert.deepEqual(await scopes(phone), ['ok', 'ok', 'refused']);
  assert.deepEqual(await scopes(printer), ['ok', 'refused', 'refused']);
  const typed = phone.replaceAll('-', ' ').toUpperCase();
  const before = auth.hashes();
  const answer = await auth.login('ann', typed, { scope: 'imap' });
  assert.equal(auth.hashes(), before);
  assert.equal(answer.kind === 'ok' && answer.principal.credential, 'phone');
  await done(removeCredential(auth.kit.ports, { address: 'ann@example.test', name: 'phone' }));
  assert.deepEqual(await scopes(phone), ['refused', 'refused', 'refused']);
  assert.deepEqual(await scopes(printer), ['ok', 'refused', 'refused']);
});

test('a password verified a moment ago is not hashed again, until it changes', async () => {
  await using auth = await authKit();
  assert.deepEqual(await auth.kindAndHashes('ann', right), ['ok', 1]);
  assert.deepEqual(await auth.kindAndHashes('ann', right, { scope: 'send' }), ['ok', 0]);
  assert.deepEqual(await auth.kindAndHashes('ann', 'wrong horse'), ['refused', 1]);
  await done(
    setPassword(auth.kit.ports, { address: 'ann@example.test', password: new Secret('battery staple') }),
  );
  assert.deepEqual(await auth.kindAndHashes('ann', right), ['refused', 1]);
  assert.deepEqual(await auth.kindAndHashes('ann', 'battery staple'), ['ok', 1]);
  assert.deepEqual(await auth.kindAndHashes('ann', 'battery staple'), ['ok', 0]);
});

test('suspension of the account or its domain takes effect at once, and its end too', async () => {
  await using auth = await authKit();
  const { ports } = auth.kit;
  const kind = async () => (await auth.login('ann@example.test', right)).kind;
  assert.equal(await kind(), 'ok');
  await done(setAccountStatus(ports, { address: 'ann@example.test', status: 'suspended' }));
  assert.deepEqual(await auth.kindAndHashes('ann@example.test', right), ['refused', 1]);
  await done(setAccountStatus(ports, { address: 'ann@example.test', status: 'active' }));
  assert.equal(await kind(), 'ok');
  await done(setDomain(ports, 'example.test', { status: 'suspended' }));
  assert.equal(await kind(), 'refused');
  await done(setDomain(ports, 'example.test', { status: 'active' }));
  assert.equal(await kind(), 'ok');
});

test('a verifier of old parameters is made anew at the next login', async () => {
  await using auth = await authKit();
  const { ports } = auth.kit;
  const old = new PasswordHasher({
    derive: countingDerive().derive,
    parameters: { log2N: 10, blockSize: 8, parallelization: 1 },
  });
  await done(
    setPassword({ ...ports, hasher: old }, { address: 'ann@example.test', password: new Secret(right) }),
  );
  const verifier = async () => {
    const [entry] = await ports.directory.findAddresses(['ann@example.test']);
    const found = entry?.kind === 'account' ? await ports.directory.findAccount(entry.accountId) : undefined;
    return found?.passwordVerifier ?? '';
  };
  assert.match(await verifier(), /ln=10,/);
  ports.wake.published.length = 0;
  assert.deepEqual(await auth.kindAndHashes('ann', right), ['ok', 2]);
  assert.match(await verifier(), /ln=14,/);
  assert.deepEqual(ports.wake.published, [], 'the same password ends no session');
  assert.deepEqual(await auth.kindAndHashes('ann', right), ['ok', 1]);
  assert.deepEqual(await auth.kindAndHashes('ann', right), ['ok', 0]);
});

test('when an app password was last used is written once a minute', async () => {
  await using auth = await authKit();
  const { ports } = auth.kit;
  const { password } = await done(addCredential(ports, { address: 'ann@example.test', name: 'phone' }));
  const found = await ports.directory.findAddresses(['ann@example.test']);
  const id = found[0]?.kind === 'account' ? found[0].accountId : undefined;
  assert.ok(id);
  const lastUsedAt = async () => (await ports.directory.listCredentials(id))[0]?.lastUsedAt;
  const commits = () => auth.kit.table.commits;
  const before = commits();
  for (let count = 0; count < 20; count++) await auth.login('ann', password.reveal());
  assert.equal(await lastUsedAt(), undefined);
  assert.equal(commits(), before);
  const usedAt = new Date(auth.clock.now()).toISOString();
  await auth.clock.advance(credentialUseFlushMs);
  for (let turn = 0; turn < 1000 && (await lastUsedAt()) === undefined; turn++)
    await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await lastUsedAt(), usedAt);
  assert.equal(commits(), before + 1);
  await auth.login('ann', password.reveal());
  await auth.authenticator[Symbol.asyncDispose]();
  assert.equal(await lastUsedAt(), new Date(auth.clock.now()).toISOString());
});

test('guessing is slowed down without a hash, and a known client still gets in', async () => {
  await using auth = await authKit();
  assert.equal((await auth.login('ann', right, { from: '198.51.100.1' })).kind, 'ok');
  for (let count = 0; count < 6; count++)
    assert.equal((await auth.login('ann', `guess ${count}`, { from: '192.0.2.7' })).kind, 'refused');
  const before = auth.hashes();
  assert.deepEqual(await auth.login('ann', right, { from: '192.0.2.7' }), {
    kind: 'throttled',
    retryAfterMs: 1000,
  });
  assert.equal(auth.hashes(), before);
  for (let count = 0; count < 5; count++) await auth.login('ann', `guess ${count}`);
  assert.equal((await auth.login('ann', right)).kind, 'throttled');
  assert.equal((await auth.login('ann', right, { from: '198.51.100.1' })).kind, 'ok');
  assert.equal(auth.metrics.total('auth.attempts', { outcome: 'throttled', scope: 'pop3' }), 2);
});

test('a user who is not there is throttled like one who is', async () => {
  await using auth = await authKit();
  const answers = async (user: string) => {
    const kinds: string[] = [];
    for (let count = 0; count < 13; count++) kinds.push((await auth.login(user, 'wrong horse')).kind);
    return kinds;
  };
  assert.deepEqual(await answers('eve@example.test'), await answers('ann@example.test'));
});

test('when too many hashes wait, a login is told to come back, and nothing is counted', async () => {
  await using auth = await authKit();
  const { directory, table, log } = auth.kit.ports;
  const busy = new PasswordHasher({
    maxConcurrent: 1,
    maxWaiting: 0,
    derive: ({ bytes }) => new Promise((resolve) => setTimeout(() => resolve(Buffer.alloc(bytes)), 20)),
  });
  await using authenticator = createPasswordAuthenticator({
    directory,
    table,
    clock: auth.clock,
    log,
    metrics: auth.metrics,
    hasher: busy,
  });
  const attempt = () =>
    authenticator.verify({
      user: 'ann',
      password: new Secret(right),
      scope: 'pop3',
      remoteAddress: '192.0.2.7',
    });
  const kinds = (await Promise.all([attempt(), attempt(), attempt()])).map(({ kind }) => kind).sort();
  assert.deepEqual(kinds, ['refused', 'throttled', 'throttled']);
  await authenticator[Symbol.asyncDispose]();
  const { items } = await table.query({ pk: throttlePartition('address') });
  assert.deepEqual(
    items.map((item) => item['failures']),
    [1],
  );
});

test('no password, verifier or unknown user name reaches the log', async () => {
  await using auth = await authKit();
  const { ports } = auth.kit;
  const { credential, password } = await done(
    addCredential(ports, { address: 'ann@example.test', name: 'phone', scopes: ['send'] }),
  );
  const mistyped = 'hunter2-in-the-wrong-field';
  for (const [user, secret] of [
    ['ann', right],
    ['ann', 'wrong horse battery'],
    ['ann', password.reveal()],
    [mistyped, 'ann'],
    [`${mistyped}@example.test`, right],
  ] as const)
    for (const scope of ['send', 'pop3'] as const) await auth.login(user, secret, { scope });
  await refused(setPassword(ports, { address: 'ann@example.test', password: new Secret('2short') }));
  const printed = inspect(ports.log.lines, { depth: 20, maxArrayLength: null, maxStringLength: null });
  assert.ok(printed.includes('auth.refused') && printed.includes('auth.ok'));
  for (const secret of [
    right,
    'wrong horse',
    password.reveal(),
    credential.verifier,
    'hunter2',
    '2short',
    '$scrypt',
  ])
    assert.equal(printed.includes(secret), false, secret);
});
