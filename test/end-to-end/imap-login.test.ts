/** Who gets in by IMAP, how, and what ends a session: TLS, passwords and their scopes, the admin, a shutdown. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, suite, test } from 'node:test';
import type { AuthenticationFailure } from 'imapflow';
import { addCredential } from '../../mail/directory/change-credential.ts';
import { imapFlow } from './imap-client.ts';
import { ImapDialog } from './imap-dialog.ts';
import { LineClient } from './line-client.ts';
import type { User } from './maildrop.ts';
import { TestPosta } from './posta.ts';

const named = (name: string): User => ({ user: `${name}@example.test`, password: `${name}-password` });
const paco = named('paco');
/** One for each test of passwords: they run at once, because refused logins are answered late. */
const [phone, reader, changed, suspended, gone, guessed] = [
  'phone',
  'reader',
  'changed',
  'suspended',
  'gone',
  'guessed',
].map(named) as [User, User, User, User, User, User];

let posta: TestPosta;
before(async () => {
  const users = [paco, named('pepe'), phone, reader, changed, suspended, gone, guessed];
  posta = await TestPosta.start({
    accounts: Object.fromEntries(users.map(({ user, password }) => [user, password])),
  });
});
after(() => posta[Symbol.asyncDispose]());

/** `* BYE` with these words, and nothing after it. */
async function saysBye(dialog: ImapDialog, words: RegExp): Promise<void> {
  const rest = await dialog.rest();
  assert.match(rest, /^\* BYE [^\r\n]+\r\n$/);
  assert.match(rest, words);
}

suite('imapflow logs in', { concurrency: true }, () => {
  for (const startTls of [false, true])
    for (const loginMethod of [undefined, 'LOGIN', 'AUTH=PLAIN', 'AUTH=LOGIN'])
      test(`${startTls ? 'after STARTTLS' : 'over TLS'}, ${loginMethod ?? 'as it likes'}`, async () => {
        const auth = { user: paco.user, pass: paco.password, ...(loginMethod && { loginMethod }) };
        const client = await imapFlow(posta, paco, { startTls, auth });
        assert.equal(client.secureConnection, true);
        assert.equal(client.tls && client.tls.version, 'TLSv1.3');
        assert.ok(!client.capabilities.has('STARTTLS'));
        assert.equal((await client.mailboxOpen('INBOX')).exists, 0);
        await client.logout();
      });

  test('and is told in the same words of a wrong password and of an unknown name', async () => {
    const words = await Promise.all(
      [guessed.user, 'nobody@example.test'].map(async (user) => {
        const failing = imapFlow(posta, { user, password: 'not the password' });
        const failure = await failing.then(
          () => assert.fail('it logged in'),
          (fault: AuthenticationFailure) => fault,
        );
        assert.equal(failure.authenticationFailed, true);
        assert.equal(failure.serverResponseCode, 'AUTHENTICATIONFAILED');
        return failure.response?.replace(/^\S+ /, '');
      }),
    );
    assert.equal(words[0], words[1]);
  });
});

test('what a client sent behind STARTTLS before the handshake is not a command', async () => {
  const client = await LineClient.connect(posta.ports.imap);
  await client.line();
  client.send('a STARTTLS\r\nb LOGIN paco@example.test paco-password\r\n');
  assert.match(await client.line(), /^a OK /);
  await client.upgrade();
  client.send('c CAPABILITY\r\n');
  assert.match(await client.line(), /^\* CAPABILITY IMAP4rev1 (?!.*STARTTLS).*AUTH=PLAIN/);
  assert.match(await client.line(), /^c OK /);
  client.close();
});

test('no password is taken before TLS with --no-loopback-passwords', async () => {
  await using strict = await TestPosta.start({ args: ['--no-loopback-passwords'] });
  using dialog = await ImapDialog.connect(strict.ports.imap);
  const [offered] = (await dialog.ok('CAPABILITY')).untagged;
  assert.match(offered?.text ?? '', / STARTTLS .*LOGINDISABLED/);
  for (const command of [`LOGIN ${paco.user} ${paco.password}`, 'AUTHENTICATE PLAIN'])
    assert.match((await dialog.command(command)).tagged, /^NO \[PRIVACYREQUIRED\] /);
  await dialog.ok('STARTTLS');
  await dialog.upgrade();
  await dialog.ok(`LOGIN ${paco.user} ${paco.password}`);
});

suite('a password', { concurrency: true }, () => {
  async function appPassword({ user }: User, scope: 'imap' | 'pop3'): Promise<User> {
    const { password } = await posta.change((ports) =>
      addCredential(ports, { address: user, name: 'app', scopes: [scope] }),
    );
    return { user, password: password.reveal() };
  }

  const refused = (user: User) =>
    assert.rejects(ImapDialog.logIn(posta, user), /LOGIN: NO \[AUTHENTICATIONFAILED\]/);
  const works = async (user: User) => (await ImapDialog.logIn(posta, user, { mailbox: 'INBOX' })).close();

  test('of an app with the scope `imap` reads by IMAP and not by POP3, until it is removed', async () => {
    const app = await appPassword(phone, 'imap');
    using pop3 = await LineClient.connect(posta.ports.pop3);
    await pop3.line();
    await pop3.pop3(`USER ${app.user}`);
    await assert.rejects(pop3.pop3(`PASS ${app.password}`), /-ERR \[AUTH\]/);
    using live = await ImapDialog.logIn(posta, app, { mailbox: 'INBOX' });
    await posta.run('credential', 'remove', app.user, 'app');
    await saysBye(live, /The account changed/);
    await refused(app);
    await works(phone);
  });

  test('of an app with the scope `pop3` is refused', async () => {
    await refused(await appPassword(reader, 'pop3'));
    await works(reader);
  });

  test('that is replaced ends live sessions, in IDLE or not, and is refused from then on', async () => {
    using idling = await ImapDialog.logIn(posta, changed, { mailbox: 'INBOX' });
    await idling.begin('IDLE');
    using quiet = await ImapDialog.logIn(posta, changed);
    const client = await imapFlow(posta, changed);
    const closed = once(client, 'close');
    await posta.run('account', 'password', changed.user, '--password', 'another-password');
    await saysBye(idling, /The account changed/);
    await saysBye(quiet, /The account changed/);
    await closed;
    assert.equal(client.usable, false);
    await refused(changed);
    await works({ ...changed, password: 'another-password' });
  });

  test('of a suspended account is refused, its sessions end, and all is well after `resume`', async () => {
    using live = await ImapDialog.logIn(posta, suspended, { mailbox: 'INBOX' });
    await posta.run('account', 'suspend', suspended.user);
    await saysBye(live, /The account changed/);
    await refused(suspended);
    await posta.run('account', 'resume', suspended.user);
    await works(suspended);
  });

  test('of a removed account is refused, and its sessions end', async () => {
    using live = await ImapDialog.logIn(posta, gone, { mailbox: 'INBOX' });
    await posta.run('account', 'remove', gone.user);
    await saysBye(live, /The account changed/);
    await refused(gone);
  });

  test('that is wrong three times ends the connection', async () => {
    using dialog = await ImapDialog.connect(posta.ports.imap);
    const guess = () => dialog.send(`LOGIN ${guessed.user} wrong`);
    for (const attempt of [1, 2])
      assert.match((await dialog.answer(guess())).tagged, /^NO \[AUTHENTICATIONFAILED\] /, `${attempt}`);
    const tag = guess();
    assert.match(
      await dialog.rest(),
      new RegExp(
        `^\\* BYE Too many failed attempts[^\r]*\r\n${tag} NO \\[AUTHENTICATIONFAILED\\] [^\r]*\r\n$`,
      ),
    );
  });
});

suite('behind a load balancer', () => {
  const from = (source: string) => `PROXY TCP4 ${source} 192.0.2.25 40000 143\r\n`;

  test('the client of the PROXY header is the one that needs TLS for its password', async () => {
    await using proxied = await TestPosta.start({ args: ['--proxy-protocol', '143=required,993=required'] });
    const { imap, imaps } = proxied.ports;
    using here = await ImapDialog.connect(imap, { before: from('127.0.0.1') });
    await here.ok(`LOGIN ${paco.user} ${paco.password}`);
    using elsewhere = await ImapDialog.connect(imap, { before: from('203.0.113.7') });
    assert.match(
      (await elsewhere.command(`LOGIN ${paco.user} ${paco.password}`)).tagged,
      /^NO \[PRIVACYREQUIRED\] /,
    );
    await elsewhere.ok('STARTTLS');
    await elsewhere.upgrade();
    await elsewhere.ok(`LOGIN ${paco.user} ${paco.password}`);
    const implicit = await LineClient.connect(imaps);
    implicit.send(from('203.0.113.7'));
    await implicit.upgrade();
    assert.match(await implicit.line(), /^\* OK \[CAPABILITY .*AUTH=PLAIN/);
    implicit.close();
    const connected = () =>
      proxied.output.stderr
        .split('\n')
        .filter((line) => line.includes('"imap.connected"'))
        .map((line) => (JSON.parse(line) as { remote: string }).remote);
    // The log comes by a pipe of its own.
    for (const deadline = Date.now() + 10_000; connected().length < 3 && Date.now() < deadline;)
      await sleep(20);
    assert.deepEqual(connected(), ['127.0.0.1', '203.0.113.7', '203.0.113.7']);
    // Without a header nothing is said.
    using bare = await LineClient.connect(imap);
    bare.send('a NOOP\r\n');
    assert.equal(await bare.rest(), '');
  });
});

suite('a server that stops', () => {
  test('says BYE to every session, in IDLE, in APPEND or doing nothing, and the next one serves them', async () => {
    await using stopping = await TestPosta.start();
    const open = () => ImapDialog.logIn(stopping, paco, { mailbox: 'INBOX' });
    using quiet = await open();
    using idling = await open();
    await idling.begin('IDLE');
    using appending = await open();
    await appending.begin('APPEND INBOX {1000}');
    appending.sendOctets('Subject: half');
    using nobody = await ImapDialog.connect(stopping.ports.imap);
    assert.equal(await stopping.stop('SIGTERM'), 0);
    for (const dialog of [quiet, idling, appending, nobody])
      await saysBye(dialog, /^\* BYE \[UNAVAILABLE\] This server is going down/);
    await stopping.serve();
    using again = await open();
    assert.match(JSON.stringify(await again.ok('SELECT INBOX')), /"0 EXISTS"/);
  });

  test('finishes an APPEND whose message it has, and answers it', async () => {
    await using stopping = await TestPosta.start();
    using dialog = await ImapDialog.logIn(stopping, paco);
    const tag = await dialog.begin('APPEND INBOX {20000000}');
    dialog.sendOctets(Buffer.alloc(20_000_000, 'x'));
    dialog.sendOctets('\r\n');
    const stopped = stopping.stop('SIGTERM');
    const rest = await dialog.rest();
    assert.equal(await stopped, 0);
    await stopping.serve();
    using again = await ImapDialog.logIn(stopping, paco);
    const { untagged } = await again.ok('SELECT INBOX');
    const there = untagged.some(({ text }) => text === '1 EXISTS');
    // Whether the server saw the whole of it in time or not, what it said is what is so.
    assert.equal(rest.includes(`${tag} OK [APPENDUID `), there, rest);
    assert.match(rest, /\* BYE \[UNAVAILABLE\] /);
  });
});
