/** Reading mail: what node-pop3 and a session by hand see, on the plain port, after STLS and over TLS. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, beforeEach, test } from 'node:test';
import { LineClient } from './line-client.ts';
import {
  countOf,
  logIn,
  logInTo,
  messagesOf,
  nodePop3,
  retrieveByNodePop3,
  traceBefore,
  type User,
} from './maildrop.ts';
import { TestPosta } from './posta.ts';
import { deliver } from './smtp-dialog.ts';

const pepe: User = { user: 'pepe@example.test', password: 'pepe-password' };
const paco: User = { user: 'paco@example.test', password: 'paco-password' };

let posta: TestPosta;
before(async () => {
  posta = await TestPosta.start();
});
after(() => posta[Symbol.asyncDispose]());

const letter = (name: string) => `Subject: ${name}\r\n\r\nline 1\r\n.line 2\r\nline 3\r\n`;

async function send(user: User, name: string): Promise<void> {
  await deliver(posta.ports.smtp, { from: 'a@elsewhere.test', to: [user.user], message: letter(name) });
}

/** Each test begins with these three in paco's maildrop, and none in pepe's. */
const subjects = ['one', 'two', 'three'];
beforeEach(async () => {
  for (const user of [pepe, paco]) {
    using client = await logInWhenFree(user);
    const count = await countOf(client);
    for (let number = 1; number <= count; number++) await client.pop3(`DELE ${number}`);
    await client.pop3('QUIT');
  }
  for (const [index, subject] of subjects.entries()) {
    await send(paco, subject);
    await (await logInTo(posta, paco, index + 1)).pop3('QUIT');
  }
});

/** A session as soon as no other has the maildrop open. */
async function logInWhenFree(user: User): Promise<LineClient> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return await logIn(posta, user);
    } catch (fault) {
      if (!String(fault).includes('[IN-USE]') || Date.now() > deadline) throw fault;
      await sleep(20);
    }
  }
}

const uniqueIds = async (client: LineClient) => (await client.pop3Body('UIDL')).toString();

for (const tls of [false, true])
  test(`node-pop3 lists, reads, tops and deletes ${tls ? 'over TLS' : 'on the plain port'}`, async () => {
    const client = nodePop3(posta, paco, { tls });
    assert.match(await client.STAT(), /^3 \d+$/);
    const sizes = (await client.LIST()) as string[][];
    const ids = (await client.UIDL()) as string[][];
    assert.deepEqual(
      [sizes, ids].map((list) => list.map(([number]) => number)),
      [
        ['1', '2', '3'],
        ['1', '2', '3'],
      ],
    );
    assert.equal(new Set(ids.map(([, id]) => id)).size, 3);
    for (const [index, subject] of subjects.entries()) {
      const stored = await retrieveByNodePop3(client, index + 1);
      traceBefore(stored, letter(subject));
      assert.equal(sizes[index]?.[1], String(stored.length));
    }
    const top = await client.TOP(2, 1);
    assert.match(top, /^Return-Path: [^]*\r\nSubject: two\r\n\r\nline 1(?:\r\n)?$/);
    await client.DELE(2);
    await assert.rejects(client.RETR(2));
    await client.QUIT();
    const left = await messagesOf(posta, paco, 2);
    assert.deepEqual(
      left.map((message) => /Subject: (\w+)/.exec(message.toString())?.[1]),
      ['one', 'three'],
    );
  });

test('unique ids stay the same over sessions, deletions and restarts, and are never used again', async () => {
  using first = await logIn(posta, paco);
  const atFirst = (await uniqueIds(first)).split('\r\n').map((line) => line.split(' ')[1]);
  await first.pop3('DELE 3');
  await first.pop3('QUIT');
  await posta.stop('SIGTERM');
  await posta.serve();
  await send(paco, 'four');
  using second = await logInTo(posta, paco, 3);
  const afterwards = (await uniqueIds(second)).split('\r\n').map((line) => line.split(' ')[1]);
  assert.deepEqual(afterwards.slice(0, 2), atFirst.slice(0, 2));
  assert.ok(afterwards[2] !== undefined && !atFirst.includes(afterwards[2]));
  await second.pop3('QUIT');
  await posta.stop('SIGKILL');
  await posta.serve();
  using third = await logIn(posta, paco);
  assert.deepEqual(
    (await uniqueIds(third)).split('\r\n').map((line) => line.split(' ')[1]),
    afterwards,
  );
  await third.pop3('QUIT');
});

const plain = (text: string) => Buffer.from(text).toString('base64');

test('AUTH PLAIN logs in after STLS', async () => {
  using client = await LineClient.connect(posta.ports.pop3);
  await client.line();
  await client.pop3('STLS');
  await client.upgrade();
  client.send('AUTH PLAIN\r\n');
  assert.equal((await client.line()).trim(), '+');
  const answer = await client.pop3(plain(`\0${paco.user}\0${paco.password}`));
  assert.match(answer, /^\+OK The maildrop has 3 messages/);
  await client.pop3('QUIT');
});

test('a second session is told [IN-USE], until the first has quit or its connection is cut', async () => {
  const first = await logIn(posta, paco);
  await assert.rejects(logIn(posta, paco), /-ERR \[IN-USE\]/);
  await first.pop3('QUIT');
  using second = await logIn(posta, paco);
  await assert.rejects(logIn(posta, paco), /-ERR \[IN-USE\]/);
  second.close();
  using third = await logInWhenFree(paco);
  await third.pop3('QUIT');
});

test('a session that a killed server held does not keep its user out', async () => {
  using client = await logIn(posta, paco);
  await client.pop3('DELE 1');
  await posta.stop('SIGKILL');
  await posta.serve();
  using next = await logIn(posta, paco);
  assert.equal(await countOf(next), 3);
  await next.pop3('QUIT');
});

test('only QUIT deletes: not RSET, nor a connection that is cut', async () => {
  using client = await logIn(posta, paco);
  await client.pop3('DELE 1');
  await client.pop3('RSET');
  await client.pop3('DELE 2');
  client.close();
  using next = await logInWhenFree(paco);
  assert.equal(await countOf(next), 3);
  await next.pop3('DELE 2');
  await next.pop3('QUIT');
  const left = await messagesOf(posta, paco, 2);
  traceBefore(left[0] ?? Buffer.alloc(0), letter('one'));
  traceBefore(left[1] ?? Buffer.alloc(0), letter('three'));
});

test('mail that comes during a session is shown to the next', async () => {
  using client = await logIn(posta, pepe);
  assert.equal(await countOf(client), 0);
  await send(pepe, 'new');
  const { user } = pepe;
  await posta.withData(async ({ mail, store }) => {
    // The message is filed while the session goes on.
    const address = await store.table.get({ pk: `address#${user}`, sk: 'address' });
    const account = mail.account(address?.['accountId'] as Parameters<typeof mail.account>[0]);
    for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(20)) {
      const usage = await account.usage();
      if (usage.kind !== 'gone' && usage.messages === 1) return;
    }
    assert.fail('the message was not filed');
  });
  assert.equal(await countOf(client), 0);
  await assert.rejects(client.pop3('RETR 1'), /-ERR/);
  await client.pop3('QUIT');
  traceBefore((await messagesOf(posta, pepe, 1))[0] ?? Buffer.alloc(0), letter('new'));
});

test('one account never reaches the mail of another', async () => {
  await send(pepe, 'private');
  await messagesOf(posta, pepe, 1);
  using client = await logIn(posta, paco);
  for (const command of ['RETR 4', 'TOP 4 9', 'LIST 4', 'UIDL 4', 'DELE 4', 'RETR 0', 'RETR -1'])
    await assert.rejects(client.pop3(command), /-ERR/, command);
  for (const command of [`USER ${pepe.user}`, `PASS ${pepe.password}`])
    await assert.rejects(client.pop3(command), /-ERR/);
  for (let number = 1; number <= 3; number++)
    assert.ok(!(await client.pop3Body(`RETR ${number}`)).includes('private'));
  await client.pop3('QUIT');
  // At once, because each is answered late: another's password, and acting for another with one's own.
  await Promise.all(
    [
      `AUTH PLAIN ${plain(`\0${pepe.user}\0${paco.password}`)}`,
      `AUTH PLAIN ${plain(`${pepe.user}\0${paco.user}\0${paco.password}`)}`,
    ].map(async (command) => {
      using guess = await LineClient.connect(posta.ports.pop3);
      await guess.line();
      await assert.rejects(guess.pop3(command), /-ERR \[AUTH\]/);
    }),
  );
});
