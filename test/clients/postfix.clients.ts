/** Postfix as the other server, in both directions, with TLS: what leaves here whole comes there whole, and back. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { freePortBase } from '../end-to-end/free-ports.ts';
import type { LineClient } from '../end-to-end/line-client.ts';
import { takeMessage, traceBefore, type User } from '../end-to-end/maildrop.ts';
import { untilOutbound } from '../end-to-end/outbound.ts';
import { TestPosta } from '../end-to-end/posta.ts';
import { authenticate, dotStuffed, greeted } from '../end-to-end/smtp-dialog.ts';
import { readNotification } from '../mail/delivery/read-notification.ts';
import { noPostfix, Postfix } from './postfix.ts';
import { runClient } from './run.ts';

const pepe: User = { user: 'pepe@posta.test', password: 'pepe-password' };
const jose: User = { user: 'josé@posta.test', password: 'jose-password' };
const ana = 'ana@postfix.test';

const letter = (from: string, text: string) =>
  Buffer.from(
    `From: ${from}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <${text.replaceAll(' ', '.')}@client.test>\r\n` +
      `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n` +
      `Subject: ${text}\r\n\r\n¡Hola!\r\n.dot\r\n..two\r\n.\r\n`,
  );

interface Handed {
  readonly from: string;
  readonly to: readonly string[];
  readonly message: Buffer;
  /** Behind MAIL, and behind each RCPT. */
  readonly mail?: string;
  readonly rcpt?: string;
}

/** A transaction in full; the reply to its end. */
async function handIn(
  client: LineClient,
  { from, to, message, mail = '', rcpt = '' }: Handed,
): Promise<string> {
  assert.match(await client.command(`MAIL FROM:<${from}> BODY=8BITMIME${mail}`), /^250 /);
  for (const recipient of to) assert.match(await client.command(`RCPT TO:<${recipient}>${rcpt}`), /^250 /);
  assert.match(await client.command('DATA'), /^354 /);
  client.send(dotStuffed(message));
  return client.command('.');
}

suite('Postfix', { skip: noPostfix }, () => {
  let posta: TestPosta;
  let postfix: Postfix;
  let postfixPort: number;
  before(async () => {
    const postfixBase = await freePortBase();
    const portBase = await freePortBase();
    postfixPort = postfixBase + 25;
    const plainPort = postfixBase + 587;
    postfix = await Postfix.start({
      port: postfixPort,
      plainPort,
      mailboxes: ['ana', 'eva', 'josé'],
      route: { domain: 'posta.test', port: portBase + 25 },
    });
    const routes = [`postfix.test=127.0.0.1:${postfixPort}`, `plain.test=127.0.0.1:${plainPort}`];
    posta = await TestPosta.start({
      accounts: { [pepe.user]: pepe.password, [jose.user]: jose.password },
      args: ['--hostname', 'mx.posta.test', '--route', routes.join()],
      portBase,
    });
  });
  after(async () => {
    await posta?.[Symbol.asyncDispose]();
    await postfix?.[Symbol.asyncDispose]();
  });

  /** Handed in here; the id under which it was queued. */
  async function submit(handed: Omit<Handed, 'from'> & { readonly sender?: User }): Promise<string> {
    const { user, password } = handed.sender ?? pepe;
    using client = await greeted(posta.ports.submission);
    assert.match(await authenticate(client, user, password), /^235 /);
    const reply = await handIn(client, { ...handed, from: user });
    assert.match(reply, /^250 /);
    return reply.split(' ').at(-1) ?? '';
  }

  /** Handed in there. */
  async function submitThere(handed: Handed): Promise<void> {
    using client = await greeted(postfixPort);
    assert.match(await handIn(client, handed), /^250 /);
  }

  async function takeOne(name: string): Promise<Buffer> {
    const [message] = await postfix.takeMessages(name, 1);
    assert.ok(message);
    return message;
  }

  test('takes mail from Posta by STARTTLS, byte for byte', async () => {
    const message = letter(pepe.user, 'to Postfix');
    const id = await submit({ to: [ana], message });
    const trace = traceBefore(await takeOne('ana'), message);
    assert.ok(trace.includes(`Return-Path: <${pepe.user}>`), trace.join('\n'));
    assert.match(
      trace.join('\n'),
      /^Received: from mx\.posta\.test .* by mx\.postfix\.test \(Postfix\) with ESMTPS /m,
    );
    const [sent] = await untilOutbound(posta, id, [`${ana} sent 1`]);
    assert.match(sent?.last?.reply ?? '', /^250 2\.0\.0 .*queued as /);
    await postfix.logs(/TLS connection established from .*TLSv1\.3/);
  });

  test('brings mail to Posta by STARTTLS, byte for byte', async () => {
    const message = letter(ana, 'from Postfix');
    await submitThere({ from: ana, to: [pepe.user], message });
    const trace = traceBefore(await takeMessage(posta, pepe), message);
    assert.equal(trace[0], `Return-Path: <${ana}>`);
    assert.match(
      trace[1] ?? '',
      /^Received: from mx\.postfix\.test \(\[127\.0\.0\.1\]\) by mx\.posta\.test with ESMTPS \(TLSv1\.3\) /,
    );
    await postfix.logs(/TLS connection established to .*TLSv1\.3/);
  });

  test('takes what swaks hands in at Posta, and what swaks hands in there comes to Posta', async () => {
    const there = await runClient('swaks', [
      ...['--server', '127.0.0.1', '--port', String(posta.ports.submission), '--tls', '--from', pepe.user],
      ...['--auth', 'PLAIN', '--auth-user', pepe.user, '--auth-password', pepe.password, '--to', ana],
    ]);
    assert.equal(there.code, 0, there.stdout);
    assert.match((await takeOne('ana')).toString(), /This is a test mailing/);
    const here = await runClient('swaks', [
      ...['--server', '127.0.0.1', '--port', String(postfixPort), '--tls', '--from', ana, '--to', pepe.user],
    ]);
    assert.equal(here.code, 0, here.stdout);
    assert.match((await takeMessage(posta, pepe)).toString(), /This is a test mailing/);
  });

  test('takes 20 MB from Posta and brings them back', async () => {
    const body = Buffer.alloc(20 * 2 ** 20, `${'.año '.repeat(12)}\r\n`);
    const whole = (from: string) => Buffer.concat([letter(from, 'large'), body, Buffer.from('\r\n')]);
    await submit({ to: [ana], message: whole(pepe.user) });
    traceBefore(await takeOne('ana'), whole(pepe.user));
    await submitThere({ from: ana, to: [pepe.user], message: whole(ana) });
    traceBefore(await takeMessage(posta, pepe), whole(ana));
  });

  test('without 8BITMIME takes the message converted, with the same text', async () => {
    const message = letter(pepe.user, 'seven bits');
    const id = await submit({ to: ['ana@plain.test'], message });
    await untilOutbound(posta, id, ['ana@plain.test sent 1']);
    const text = (await takeOne('ana')).toString('latin1');
    assert.match(text, /^[\x00-\x7f]*$/);
    assert.match(
      text,
      /\r\nContent-Transfer-Encoding: quoted-printable\r\n[^]*\r\n\r\n=C2=A1Hola!\r\n=2Edot\r\n=2E\.two\r\n=2E\r\n$/,
    );
  });

  test('takes addresses and headers that are not ASCII, and brings them', async () => {
    const there = letter(jose.user, 'mañana');
    await submit({ sender: jose, to: ['josé@postfix.test'], message: there, mail: ' SMTPUTF8' });
    traceBefore(await takeOne('josé'), there);
    const here = letter('josé@postfix.test', 'ayer y mañana');
    await submitThere({ from: 'josé@postfix.test', to: [jose.user], message: here, mail: ' SMTPUTF8' });
    traceBefore(await takeMessage(posta, jose), here);
  });

  test('without SMTPUTF8 is not sent such addresses, and the sender hears of it', async () => {
    await submit({ to: ['josé@plain.test'], message: letter(pepe.user, 'niño'), mail: ' SMTPUTF8' });
    const notification = (await takeMessage(posta, pepe)).toString();
    assert.match(
      notification,
      /Final-Recipient: utf-8; josé@plain\.test\r\nAction: failed\r\nStatus: 5\.6\.7\r\n/,
    );
  });

  test('refuses one of several recipients: the others have the message, and the sender a notification', async () => {
    const message = letter(pepe.user, 'one is unknown');
    const id = await submit({ to: [ana, 'nobody@postfix.test', 'eva@postfix.test'], message });
    await untilOutbound(posta, id, [
      `${ana} sent 1`,
      'eva@postfix.test sent 1',
      'nobody@postfix.test failed 1',
    ]);
    for (const name of ['ana', 'eva']) traceBefore(await takeOne(name), message);
    const notification = (await takeMessage(posta, pepe)).toString();
    assert.match(
      notification,
      /Final-Recipient: rfc822; nobody@postfix\.test\r\nAction: failed\r\nStatus: 5\.1\.1\r\n/,
    );
    assert.doesNotMatch(notification, /Final-Recipient: rfc822; (?:ana|eva)@/);
  });

  test('hears from Posta which of its recipients is unknown, and tells its sender', async () => {
    const message = letter(ana, 'unknown here');
    await submitThere({ from: ana, to: ['nobody@posta.test', pepe.user], message });
    traceBefore(await takeMessage(posta, pepe), message);
    const notification = (await takeOne('ana')).toString();
    assert.match(
      notification,
      /Final-Recipient: rfc822; nobody@posta\.test\r\n[^]*Action: failed\r\nStatus: 5\.1\.1\r\n/,
    );
  });

  test('tells a sender at Posta of a delivery that was asked for', async () => {
    const asked = { mail: ' RET=HDRS ENVID=QQ+2B1', rcpt: ' NOTIFY=SUCCESS,FAILURE' };
    await submit({ to: [ana], message: letter(pepe.user, 'asked there'), ...asked });
    await takeOne('ana');
    const notification = (await takeMessage(posta, pepe)).toString();
    assert.match(notification, /^Return-Path: <>\r\n/);
    assert.match(notification, /\r\nOriginal-Envelope-Id: QQ\+1\r\n/);
    assert.match(notification, /Final-Recipient: rfc822; ana@postfix\.test\r\n[^]*Action: delivered\r\n/);
  });

  test('brings a sender there the notification of a delivery at Posta', async () => {
    const asked = { mail: ' RET=HDRS ENVID=QQ+2B2', rcpt: ` NOTIFY=SUCCESS ORCPT=rfc822;Pepe@old.test` };
    await submitThere({ from: ana, to: [pepe.user], message: letter(ana, 'asked here'), ...asked });
    await takeMessage(posta, pepe);
    const stored = await takeOne('ana');
    const { status } = readNotification(stored.subarray(stored.indexOf('From: ')));
    assert.equal(status.message['Original-Envelope-Id'], 'QQ+2');
    const [recipient] = status.recipients;
    assert.equal(recipient?.['Action'], 'delivered');
    assert.equal(recipient['Original-Recipient'], 'rfc822; Pepe@old.test');
  });
});
