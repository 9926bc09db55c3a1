/**
 * Servers that make it hard: slow, greylisting, gone in the middle of a message, of two minds about recipients. Nothing is
 * lost, and nothing is sent twice but where SMTP itself cannot tell.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite, test } from 'node:test';
import { messagesOf, takeMessage } from './maildrop.ts';
import { retry, untilOutbound } from './outbound.ts';
import type { TestPosta } from './posta.ts';
import { hangUp, ScriptedServer, type Script } from './scripted-server.ts';
import { pepe, startWith, submit } from './two-postas.ts';

const ann = 'ann@other.test';
const bob = 'bob@other.test';
const letter = (text: string) =>
  Buffer.from(`From: ${pepe.user}\r\nSubject: ${text}\r\n\r\nHello\r\n.dot\r\n`);

/** pepe's Posta, with another server for the mail of other.test. */
class Pair implements AsyncDisposable {
  readonly posta: TestPosta;
  readonly other: ScriptedServer;

  private constructor(posta: TestPosta, other: ScriptedServer) {
    this.posta = posta;
    this.other = other;
  }

  static async start(script?: Script, routes: readonly string[] = []): Promise<Pair> {
    const other = await ScriptedServer.start(script);
    const args = [`other.test=127.0.0.1:${other.port}`, ...routes].flatMap((route) => ['--route', route]);
    return new Pair(await startWith(pepe, args), other);
  }

  /** pepe sends a letter; its id. */
  send(text: string, to: readonly string[] = [ann]): Promise<string> {
    return submit(this.posta, pepe, { to, message: letter(text) });
  }

  /** The other server has each letter so often, and whole. */
  assertArrived(...texts: readonly string[]): void {
    const found = this.other.arrived.map(({ message }) => message.toString());
    assert.deepEqual(
      found.map((message) => /^Subject: (.*)\r$/m.exec(message)?.[1]),
      texts,
    );
    for (const [at, text] of texts.entries())
      assert.ok(found[at]?.endsWith(letter(text).toString()), found[at]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.posta[Symbol.asyncDispose](), this.other[Symbol.asyncDispose]()]);
  }
}

/** So many times the script, then as an ordinary server. */
function times(count: number, script: Script): Script {
  let left = count;
  return (command, visit) => {
    const answer = left > 0 ? script(command, visit) : undefined;
    if (answer !== undefined) left -= 1;
    return answer;
  };
}

/** An answer to commands that begin so. */
const to =
  (begin: string, answer: string | typeof hangUp): Script =>
  (command) =>
    command.startsWith(begin) ? answer : undefined;

// Each test has servers of its own.
suite('a server that', { concurrency: 3 }, () => {
  test('greylists has the message once when it was tried again, and not before its time', async () => {
    await using pair = await Pair.start(times(1, to('RCPT', '450 4.2.0 Greylisted, come back later')));
    const id = await pair.send('grey');
    const [entry] = await untilOutbound(pair.posta, id, [`${ann} waiting 1`]);
    assert.equal(entry?.last?.reply, '450 4.2.0 Greylisted, come back later');
    assert.equal(entry.last.status, '4.2.0');
    const pauseMs = entry.dueAtMs - (entry.lastAttemptAtMs ?? 0);
    assert.ok(pauseMs >= 5 * 60_000 && pauseMs < 6 * 60_000, `${pauseMs} ms`);
    await retry(pair.posta, id);
    await untilOutbound(pair.posta, id, [`${ann} sent 2`]);
    pair.assertArrived('grey');
    await messagesOf(pair.posta, pepe, 0);
  });

  test('is slow at each step gets it all the same, and mail for others does not wait for it', async () => {
    await using quick = await ScriptedServer.start();
    await using pair = await Pair.start(
      async (command) => {
        if (command !== 'octets') await sleep(1_000);
        return undefined;
      },
      [`quick.test=127.0.0.1:${quick.port}`],
    );
    const slow = await pair.send('slow');
    const id = await submit(pair.posta, pepe, { to: ['eva@quick.test'], message: letter('quick') });
    await untilOutbound(pair.posta, id, ['eva@quick.test sent 1']);
    await untilOutbound(pair.posta, slow, [`${ann} sending 0`]);
    await untilOutbound(pair.posta, slow, [`${ann} sent 1`]);
    pair.assertArrived('slow');
  });

  for (const [when, script] of [
    ['at its greeting', to('connect', hangUp)],
    ['at EHLO', to('EHLO', hangUp)],
    ['at MAIL', to('MAIL', hangUp)],
    ['at RCPT', to('RCPT', hangUp)],
    ['at DATA', to('DATA', hangUp)],
    ['in the middle of the message', to('octets', hangUp)],
  ] as const)
    test(`ends the connection ${when} has the message once when it was tried again`, async () => {
      await using pair = await Pair.start(times(1, script));
      const id = await pair.send('gone');
      const [entry] = await untilOutbound(pair.posta, id, [`${ann} waiting 1`]);
      assert.match(entry?.last?.status ?? '', /^4\.4\.\d$/);
      assert.equal(entry?.last?.remote, `[127.0.0.1]:${pair.other.port}`);
      await retry(pair.posta, id);
      await untilOutbound(pair.posta, id, [`${ann} sent 2`]);
      pair.assertArrived('gone');
      await messagesOf(pair.posta, pepe, 0);
    });

  test('takes the message and is gone before it says so gets it again: that is all that SMTP can tell', async () => {
    await using pair = await Pair.start(times(1, to('.', hangUp)));
    const id = await pair.send('doubt');
    const [entry] = await untilOutbound(pair.posta, id, [`${ann} waiting 1`]);
    assert.match(entry?.last?.text ?? '', /whether it has the message is not known/);
    await retry(pair.posta, id);
    await untilOutbound(pair.posta, id, [`${ann} sent 2`]);
    pair.assertArrived('doubt', 'doubt');
    assert.deepEqual(
      pair.other.arrived.map(({ taken }) => taken),
      [false, true],
    );
  });

  test('refuses one recipient for now and another for good has the rest at once, and the sender hears of the one', async () => {
    await using pair = await Pair.start((command) => {
      if (command.startsWith(`RCPT TO:<${ann}>`)) return '450 4.2.1 Mailbox busy';
      if (command.startsWith('RCPT TO:<none@')) return '550 5.1.1 No such user here';
      return undefined;
    });
    const id = await pair.send('parts', [ann, bob, 'none@other.test']);
    await untilOutbound(pair.posta, id, [`${ann} waiting 1`, `${bob} sent 1`, 'none@other.test failed 1']);
    pair.assertArrived('parts');
    assert.deepEqual(pair.other.arrived[0]?.to, [bob]);
    const notification = (await takeMessage(pair.posta, pepe)).toString();
    assert.match(
      notification,
      /Final-Recipient: rfc822; none@other\.test\r\nAction: failed\r\nStatus: 5\.1\.1\r\n/,
    );
    assert.match(notification, /Diagnostic-Code: smtp; 550 5\.1\.1 No such user here\r\n/);
    assert.doesNotMatch(notification, /Final-Recipient: rfc822; (?:ann|bob)@/);
    pair.other.script = () => undefined;
    await retry(pair.posta, id);
    await untilOutbound(pair.posta, id, [`${ann} sent 2`, `${bob} sent 1`, 'none@other.test failed 1']);
    pair.assertArrived('parts', 'parts');
    assert.deepEqual(pair.other.arrived[1]?.to, [ann]);
  });

  test('refuses the message for now at its end gets it again, and for good is told of', async () => {
    await using pair = await Pair.start(times(1, to('.', '452 4.3.1 No space left')));
    const id = await pair.send('full');
    await untilOutbound(pair.posta, id, [`${ann} waiting 1`]);
    pair.other.script = to('.', '554 5.7.1 Spam');
    await retry(pair.posta, id);
    await untilOutbound(pair.posta, id, [`${ann} failed 2`]);
    const notification = (await takeMessage(pair.posta, pepe)).toString();
    assert.match(notification, /Action: failed\r\nStatus: 5\.7\.1\r\n/);
    assert.match(notification, /Diagnostic-Code: smtp; 554 5\.7\.1 Spam\r\n/);
    assert.deepEqual(pair.other.taken, []);
  });

  test('takes leave with 421 between two messages gets the second in another connection', async () => {
    await using pair = await Pair.start((command, { number, commands }) =>
      number === 1 &&
      command.startsWith('MAIL') &&
      commands.filter((said) => said.startsWith('MAIL')).length > 1
        ? { lastWords: '421 4.3.2 Closing' }
        : undefined,
    );
    const ids = [await pair.send('one')];
    await untilOutbound(pair.posta, ids[0] ?? '', [`${ann} sent 1`]);
    ids.push(await pair.send('two'));
    await untilOutbound(pair.posta, ids[1] ?? '', [`${ann} sent 1`]);
    pair.assertArrived('one', 'two');
  });

  test('takes only 7-bit gets the message converted, and its text is what it was', async () => {
    await using pair = await Pair.start(to('EHLO', '250 other.test'));
    const message = Buffer.from(
      `From: ${pepe.user}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n¡Hola!\r\n`,
    );
    const id = await submit(pair.posta, pepe, { to: [ann], message });
    await untilOutbound(pair.posta, id, [`${ann} sent 1`]);
    const [arrived] = pair.other.arrived;
    const text = arrived?.message.toString('latin1') ?? '';
    assert.match(text, /^[\x00-\x7f]+$/);
    assert.match(text, /Content-Transfer-Encoding: quoted-printable\r\n\r\n=C2=A1Hola!\r\n$/);
    assert.deepEqual(arrived?.commands, [`MAIL FROM:<${pepe.user}>`, `RCPT TO:<${ann}>`]);
  });

  test('takes only small messages is not sent a large one, and the sender hears of it', async () => {
    await using pair = await Pair.start(to('EHLO', '250-other.test\r\n250 SIZE 1000'));
    const message = Buffer.concat([letter('large'), Buffer.from('x'.repeat(900).concat('\r\n'))]);
    const id = await submit(pair.posta, pepe, { to: [ann], message });
    await untilOutbound(pair.posta, id, [`${ann} failed 1`]);
    const notification = (await takeMessage(pair.posta, pepe)).toString();
    assert.match(notification, /Action: failed\r\nStatus: 5\.3\.4\r\n/);
    assert.deepEqual(pair.other.arrived, []);
  });

  test('is not there is tried again, and what waits for it goes out when it is back', async () => {
    await using pair = await Pair.start();
    const { port } = pair.other;
    await pair.other[Symbol.asyncDispose]();
    const id = await pair.send('away');
    const [entry] = await untilOutbound(pair.posta, id, [`${ann} waiting 1`]);
    assert.equal(entry?.last?.status, '4.4.1');
    await using back = await ScriptedServer.start(undefined, port);
    await retry(pair.posta, id);
    await untilOutbound(pair.posta, id, [`${ann} sent 2`]);
    assert.equal(back.taken.length, 1);
  });
});
