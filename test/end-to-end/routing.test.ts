/** Where mail goes: aliases, catch-all, postmaster, full mailboxes, and the notification of what failed afterwards. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Secret } from '../../mail/auth/secret.ts';
import { addAccount, removeAccount, setQuota } from '../../mail/directory/change-account.ts';
import { addAlias, addRejection } from '../../mail/directory/change-alias.ts';
import { setDomain } from '../../mail/directory/change-domain.ts';
import { queryAll } from '../../mail/ports/table.ts';
import { readNotification, valueOf } from '../mail/delivery/read-notification.ts';
import { logIn, messagesOf, settled, takeMessage, traceBefore, type User } from './maildrop.ts';
import { TestPosta } from './posta.ts';
import { authenticate, beginTransaction, deliver, greeted, sendByData } from './smtp-dialog.ts';

const named = (name: string): User => ({ user: `${name}@example.test`, password: `${name}-password` });
const [pepe, paco, maria, small] = ['pepe', 'paco', 'maria', 'small'].map(named) as [User, User, User, User];
const outside = 'someone@elsewhere.test';

let posta: TestPosta;
before(async () => {
  // pepe is the first account: postmaster's mail is theirs.
  const users = [pepe, paco, maria, small];
  posta = await TestPosta.start({
    accounts: Object.fromEntries(users.map(({ user, password }) => [user, password])),
  });
  for (const [name, ...targets] of [
    ['team', 'paco', 'maria'],
    ['all', 'team', 'pepe', 'paco'],
    ['paco.two', 'paco'],
    ['some', 'paco', 'former'],
  ] as const)
    await posta.change((ports) =>
      addAlias(ports, {
        address: `${name}@example.test`,
        targets: targets.map((target) => `${target}@example.test`),
        allowMissing: true,
      }),
    );
});
after(() => posta[Symbol.asyncDispose]());

let lastNumber = 0;
/** A message that is unlike all others. */
function letter(header = ''): string {
  lastNumber += 1;
  return `${header}Subject: letter ${lastNumber}\r\nMessage-ID: <${lastNumber}@elsewhere.test>\r\n\r\nHello ${lastNumber}\r\n`;
}

const at = (name: string) => `${name}@example.test`;

/** Sends to the names, and expects exactly one copy for each reader, and none for the others. */
async function sentTo(names: readonly string[], readers: readonly User[], from = outside): Promise<Buffer[]> {
  const message = letter();
  await deliver(posta.ports.smtp, { from, to: names.map(at), message });
  await settled(posta);
  const copies = [];
  for (const reader of [pepe, paco, maria, small]) {
    if (readers.includes(reader)) copies.push(await takeMessage(posta, reader));
    else assert.deepEqual(await messagesOf(posta, reader, 0), [], reader.user);
  }
  for (const copy of copies) traceBefore(copy, message);
  return copies;
}

/** What RCPT is answered, in a session of its own: many refusals in one are answered late. */
async function rcptAnswer(to: string, parameters = ''): Promise<string> {
  using client = await greeted(posta.ports.smtp);
  assert.match(await client.command(`MAIL FROM:<${outside}>${parameters}`), /^250 /);
  return await client.command(`RCPT TO:<${to}>`);
}

suite('a recipient', () => {
  test('that is an alias of several targets reaches each of them', async () =>
    void (await sentTo(['team'], [paco, maria])));
  test('that is an alias of aliases reaches each account once', async () =>
    void (await sentTo(['all'], [pepe, paco, maria])));
  test('with a subaddress reaches the account', async () => void (await sentTo(['paco+Lists.2026'], [paco])));
  test('is found in any case', async () => void (await sentTo(['PACO'], [paco])));

  test('of a message for two accounts is not told of the other', async () => {
    for (const copy of await sentTo(['paco', 'maria'], [paco, maria]))
      assert.doesNotMatch(copy.toString(), /(?:paco|maria)@/);
  });

  test('by three addresses of one account gets the message once', async () =>
    void (await sentTo(['paco', 'paco+x', 'paco.two'], [paco])));
  test('that was named twice gets the message once', async () =>
    void (await sentTo(['maria', 'maria'], [maria])));

  test('that is postmaster or abuse is the first account, until one is set', async () => {
    await sentTo(['postmaster', 'abuse'], [pepe]);
    const message = letter();
    using client = await greeted(posta.ports.smtp);
    assert.match(await sendByData(client, { from: outside, to: ['Postmaster'], message }), /^250 /);
    traceBefore(await takeMessage(posta, pepe), message);
    await posta.change((ports) => setDomain(ports, 'example.test', { postmaster: maria.user }));
    await sentTo(['postmaster', 'abuse+spam'], [maria]);
    await posta.change((ports) => setDomain(ports, 'example.test', { postmaster: null }));
  });

  test('that is unknown is refused, until there is a catch-all', async () => {
    assert.match(await rcptAnswer(at('nobody')), /^550 5\.1\.1 /);
    await posta.change((ports) => setDomain(ports, 'example.test', { catchAll: maria.user }));
    await sentTo(['nobody'], [maria]);
    await sentTo(['paco', 'nobody', 'anybody'], [paco, maria]);
    await posta.change((ports) => setDomain(ports, 'example.test', { catchAll: null }));
    assert.match(await rcptAnswer(at('nobody')), /^550 5\.1\.1 /);
  });

  test('that refuses mail is refused in the words of the admin', async () => {
    const reason = 'Write to maria@example.test';
    await posta.change((ports) => addRejection(ports, { address: at('left'), reason }));
    assert.equal(await rcptAnswer(at('left')), `550 5.7.1 ${reason}`);
  });

  test('that is refused leaves the others of the same message', async () => {
    using client = await greeted(posta.ports.smtp);
    const message = letter();
    await client.command(`MAIL FROM:<${outside}>`);
    assert.match(await client.command(`RCPT TO:<${at('nobody')}>`), /^550 5\.1\.1 /);
    assert.match(await client.command(`RCPT TO:<${paco.user}>`), /^250 /);
    assert.match(await client.command('DATA'), /^354 /);
    client.send(message);
    assert.match(await client.command('.'), /^250 /);
    traceBefore(await takeMessage(posta, paco), message);
  });

  test('elsewhere is refused on 25; on 587 it is taken, but for an address literal', async () => {
    assert.match(await rcptAnswer('friend@elsewhere.test'), /^550 5\.7\.1 Relay access denied/);
    using client = await greeted(posta.ports.submission);
    assert.match(await authenticate(client, pepe.user, pepe.password), /^235 /);
    assert.match(await client.command(`MAIL FROM:<${pepe.user}>`), /^250 /);
    assert.match(await client.command('RCPT TO:<friend@elsewhere.test>'), /^250 /);
    assert.match(await client.command('RCPT TO:<friend@[192.0.2.1]>'), /^550 5\.1\.2 /);
  });

  test('whose mailbox is full is refused: for now, or for good where it could never hold the message', async () => {
    await posta.change((ports) => setQuota(ports, { address: small.user, quotaBytes: 2000 }));
    assert.match(await rcptAnswer(small.user, ' SIZE=2001'), /^552 5\.2\.3 /);
    await deliver(posta.ports.smtp, {
      from: outside,
      to: [small.user],
      message: `${letter()}${'x'.repeat(900)}\r\n`,
    });
    await messagesOf(posta, small, 1);
    assert.match(await rcptAnswer(small.user, ' SIZE=1500'), /^452 4\.2\.2 /);
    assert.match(await rcptAnswer(small.user, ' SIZE=100'), /^250 /);
    await posta.change((ports) => setQuota(ports, { address: small.user, quotaBytes: 500 }));
    assert.match(await rcptAnswer(small.user), /^452 4\.2\.2 /);
    await takeMessage(posta, small);
    assert.match(await rcptAnswer(small.user), /^250 /);
    await posta.change((ports) => setQuota(ports, { address: small.user, quotaBytes: undefined }));
  });
});

suite('a message', () => {
  const hops = (count: number) =>
    'Received: from a.test by b.test; Tue, 24 Nov 2026 10:00:00 +0000\r\n'.repeat(count);

  test('that has come over 50 hops is taken, and over 51 refused', async () => {
    using client = await greeted(posta.ports.smtp);
    const message = letter(hops(50));
    assert.match(await sendByData(client, { from: outside, to: [paco.user], message }), /^250 /);
    traceBefore(await takeMessage(posta, paco), message);
    const looping = { from: outside, to: [paco.user], message: letter(hops(51)) };
    assert.match(await sendByData(client, looping), /^554 5\.4\.6 /);
  });
});

suite('a failure after acceptance', () => {
  const longLetter = () => `${letter()}${'y'.repeat(600)}\r\n`;

  /** RCPT of the names, then a message that fills the mailbox of `small`, then DATA; the reply to its end. */
  async function tooLate(from: string, to: readonly User[], message: string): Promise<string> {
    await posta.change((ports) => setQuota(ports, { address: small.user, quotaBytes: 2000 }));
    using client = await greeted(posta.ports.smtp);
    await beginTransaction(client, { from, to: to.map(({ user }) => user) });
    const filling = `${letter()}${'x'.repeat(1500)}\r\n`;
    await deliver(posta.ports.smtp, { from: outside, to: [small.user], message: filling });
    await messagesOf(posta, small, 1);
    assert.match(await client.command('DATA'), /^354 /);
    client.send(message);
    const reply = await client.command('.');
    await settled(posta);
    traceBefore(await takeMessage(posta, small), filling);
    return reply;
  }

  /** Takes a message for `small`, which is full by then, and for maria, who gets it; the message's id. */
  async function acceptedTooLate(from: string, message: string): Promise<string> {
    const reply = await tooLate(from, [small, maria], message);
    assert.match(reply, /^250 2\.0\.0 OK: queued as \w+$/);
    traceBefore(await takeMessage(posta, maria), message);
    return reply.split(' ').at(-1) ?? '';
  }

  /** A notification without the Return-Path that it has in a mailbox. */
  function filed(stored: Buffer): Buffer {
    const returnPath = 'Return-Path: <>\r\n';
    assert.equal(stored.toString('latin1', 0, returnPath.length), returnPath);
    return stored.subarray(returnPath.length);
  }

  function assertReport(
    notification: Buffer,
    expected: { message: string; to: string; recipient: string; status: string },
  ) {
    const { fields, text, status, returned } = readNotification(notification);
    assert.match(valueOf(fields, 'from') ?? '', /^Mail Delivery <MAILER-DAEMON@[^>]+>$/);
    assert.equal(valueOf(fields, 'to'), expected.to);
    assert.equal(valueOf(fields, 'auto-submitted'), 'auto-replied');
    assert.ok(text.includes(expected.recipient) && text.includes(expected.status), text);
    const [recipient, ...more] = status.recipients;
    assert.equal(recipient?.['Final-Recipient'], `rfc822; ${expected.recipient}`);
    assert.equal(recipient['Action'], 'failed');
    assert.equal(recipient['Status'], expected.status);
    assert.deepEqual(more, []);
    const originalHeader = expected.message.slice(0, expected.message.indexOf('\r\n\r\n') + 4);
    assert.equal(returned?.type, 'text/rfc822-headers');
    assert.ok(returned.body.toString('latin1').endsWith(originalHeader), returned.body.toString());
  }

  async function all<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
    const found = [];
    for await (const value of values) found.push(value);
    return found;
  }

  /** Keys of what waits for a next hop. */
  const outboundKeys = () =>
    posta.withData(async ({ blobs }) => {
      const { blobs: held } = await blobs.list({ prefix: 'outbound/' });
      return held.map(({ key }) => key);
    });

  test('of a full mailbox is none where it is the only one: the end of DATA is refused', async () => {
    assert.match(await tooLate(outside, [small], longLetter()), /^452 4\.2\.2 /);
    assert.deepEqual(await outboundKeys(), []);
  });

  test('of a full mailbox is reported into the mailbox of a sender here', async () => {
    const message = longLetter();
    await acceptedTooLate(pepe.user, message);
    const stored = await takeMessage(posta, pepe);
    assertReport(filed(stored), { message, to: pepe.user, recipient: small.user, status: '5.2.2' });
    assert.ok(stored.includes(`In-Reply-To: <${lastNumber - 1}@elsewhere.test>`));
    assert.deepEqual(await outboundKeys(), []);
  });

  test('is held as an outbound record for a sender elsewhere', async () => {
    const message = longLetter();
    await acceptedTooLate(outside, message);
    const [key, ...more] = await outboundKeys();
    assert.ok(key !== undefined && more.length === 0);
    const id = key.slice('outbound/'.length, -'.eml'.length);
    await posta.withData(async ({ blobs, store }) => {
      const items = await all(queryAll(store.table, { pk: `outbound#${id}` }));
      const [record] = items;
      assert.equal(items.length, 1);
      const chunks = await all(blobs.read(key));
      const stored = Buffer.concat(chunks);
      assertReport(stored, { message, to: outside, recipient: small.user, status: '5.2.2' });
      assert.partialDeepStrictEqual(record, {
        sk: `recipient#${outside}`,
        state: 'held',
        reversePath: null,
        blobKey: key,
        sizeBytes: stored.length,
        attempts: 0,
      });
      await blobs.delete([key]);
    });
  });

  test('of mail with a null sender is reported to nobody but the log', async () => {
    const id = await acceptedTooLate('', longLetter());
    assert.deepEqual(await outboundKeys(), []);
    for (const reader of [pepe, paco, maria]) await messagesOf(posta, reader, 0);
    const lines = posta.output.stderr.split('\n').filter((line) => line.includes('notification.none'));
    assert.equal(lines.filter((line) => line.includes(id)).length, 1, lines.join('\n'));
  });

  test('of one target of an alias is reported, and the others are served', async () => {
    const message = letter();
    await deliver(posta.ports.smtp, { from: pepe.user, to: [at('some')], message });
    await settled(posta);
    traceBefore(await takeMessage(posta, paco), message);
    const stored = await takeMessage(posta, pepe);
    assertReport(filed(stored), { message, to: pepe.user, recipient: at('some'), status: '5.1.1' });
  });

  test('of aliases that lead to each other is reported', async () => {
    // The `posta` command makes no circle; two admins at once could.
    await posta.change((ports) =>
      addAlias(ports, { address: at('chicken'), targets: [at('egg')], allowMissing: true }),
    );
    await posta.withData(async ({ store }) => {
      const chicken = await store.table.get({ pk: `address#${at('chicken')}`, sk: 'address' });
      assert.ok(chicken);
      const egg = { ...chicken, pk: `address#${at('egg')}`, address: at('egg'), targets: [at('chicken')] };
      assert.deepEqual(await store.table.commit([{ kind: 'put', item: egg }]), { kind: 'committed' });
    });
    const message = letter();
    await deliver(posta.ports.smtp, { from: pepe.user, to: [at('egg')], message });
    await settled(posta);
    const stored = await takeMessage(posta, pepe);
    assertReport(filed(stored), { message, to: pepe.user, recipient: at('egg'), status: '5.4.6' });
  });

  test('of a message that was accepted before its recipient was removed is reported', async () => {
    const password = new Secret('brief-password');
    await posta.change((ports) => addAccount(ports, { address: at('brief'), password }));
    const message = letter();
    using client = await greeted(posta.ports.smtp);
    await beginTransaction(client, { from: pepe.user, to: [at('brief'), paco.user] });
    await posta.change((ports) => removeAccount(ports, at('brief')));
    assert.match(await client.command('DATA'), /^354 /);
    client.send(message);
    assert.match(await client.command('.'), /^250 /);
    await settled(posta);
    traceBefore(await takeMessage(posta, paco), message);
    const stored = await takeMessage(posta, pepe);
    assertReport(filed(stored), { message, to: pepe.user, recipient: at('brief'), status: '5.1.1' });
    await (await logIn(posta, pepe)).pop3('QUIT');
  });

  test('is none where the only recipient is removed while the message comes: it is refused', async () => {
    const password = new Secret('brief-password');
    await posta.change((ports) => addAccount(ports, { address: at('briefer'), password }));
    using client = await greeted(posta.ports.smtp);
    await beginTransaction(client, { from: pepe.user, to: [at('briefer')] });
    await posta.change((ports) => removeAccount(ports, at('briefer')));
    assert.match(await client.command('DATA'), /^354 /);
    client.send(letter());
    assert.match(await client.command('.'), /^550 5\.1\.1 /);
  });
});
