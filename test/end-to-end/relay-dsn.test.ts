/** What a sender asks to hear (RFC 3461) of mail that goes to another server, with DSN there and without. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { readNotification, type ReadNotification } from '../mail/delivery/read-notification.ts';
import { messagesOf, takeMessage } from './maildrop.ts';
import { untilOutbound } from './outbound.ts';
import { ScriptedServer } from './scripted-server.ts';
import { paco, pepe, startWith, submit, TwoPostas } from './two-postas.ts';

const message = `From: ${pepe.user}\r\nSubject: asked\r\n\r\nHello\r\n`;

/** What pepe was told. */
async function notificationTo(postas: { readonly gmail: TwoPostas['gmail'] }): Promise<ReadNotification> {
  const stored = await takeMessage(postas.gmail, pepe);
  return readNotification(stored.subarray(stored.indexOf('From: ')));
}

suite('asked at one Posta, of a recipient at another:', () => {
  let postas: TwoPostas;
  before(async () => {
    postas = await TwoPostas.start();
  });
  after(() => postas[Symbol.asyncDispose]());

  test('the delivery is told by the server that made it', async () => {
    const dsn = { envid: 'QQ+1', ret: 'HDRS', notify: 'SUCCESS,FAILURE' };
    await submit(postas.gmail, pepe, { to: [paco.user], message, dsn });
    const { status, returned } = await notificationTo(postas);
    assert.equal(status.message['Original-Envelope-Id'], 'QQ+1');
    assert.equal(status.message['Reporting-MTA'], 'dns; mx.hotmail.test');
    assert.equal(status.recipients[0]?.['Action'], 'delivered');
    assert.equal(returned?.type, 'text/rfc822-headers');
    await takeMessage(postas.hotmail, paco);
  });

  test('a failure brings the whole message back where that was asked for', async () => {
    const dsn = { envid: 'whole', ret: 'FULL', notify: 'FAILURE' };
    await submit(postas.gmail, pepe, { to: ['nobody@hotmail.test'], message, dsn });
    const { status, returned } = await notificationTo(postas);
    assert.equal(status.message['Original-Envelope-Id'], 'whole');
    assert.equal(status.message['Reporting-MTA'], 'dns; mx.gmail.test');
    assert.equal(status.recipients[0]?.['Status'], '5.1.1');
    assert.equal(returned?.type, 'message/rfc822');
    assert.ok(returned.body.toString().endsWith(message));
  });

  test('nothing is told to who asked for nothing', async () => {
    const to = ['nobody@hotmail.test', paco.user];
    await submit(postas.gmail, pepe, { to, message, dsn: { notify: 'NEVER' } });
    await takeMessage(postas.hotmail, paco);
    await messagesOf(postas.gmail, pepe, 0);
  });
});

test('of a server without DSN the sender hears that the message was relayed there', async () => {
  await using other = await ScriptedServer.start((command) =>
    command.startsWith('EHLO') ? '250-other.test\r\n250 8BITMIME' : undefined,
  );
  await using gmail = await startWith(pepe, ['--route', `other.test=127.0.0.1:${other.port}`]);
  const dsn = { envid: 'far', notify: 'SUCCESS' };
  const id = await submit(gmail, pepe, { to: ['ann@other.test'], message, dsn });
  await untilOutbound(gmail, id, ['ann@other.test sent 1']);
  const { status } = await notificationTo({ gmail });
  assert.equal(status.recipients[0]?.['Action'], 'relayed');
  assert.equal(status.recipients[0]['Final-Recipient'], 'rfc822; ann@other.test');
  assert.equal(status.message['Original-Envelope-Id'], 'far');
  assert.deepEqual(other.taken[0]?.commands, [`MAIL FROM:<${pepe.user}>`, 'RCPT TO:<ann@other.test>']);
});

test('a server with DSN is told what was asked, and then it is its to tell', async () => {
  await using other = await ScriptedServer.start();
  await using gmail = await startWith(pepe, ['--route', `other.test=127.0.0.1:${other.port}`]);
  const dsn = { envid: 'a+b', ret: 'FULL', notify: 'SUCCESS,DELAY' };
  const id = await submit(gmail, pepe, { to: ['ann@other.test'], message, dsn });
  await untilOutbound(gmail, id, ['ann@other.test sent 1']);
  const [mail = '', rcpt = ''] = other.taken[0]?.commands ?? [];
  assert.match(mail, / RET=FULL ENVID=a\+2Bb$/);
  assert.match(rcpt, / NOTIFY=SUCCESS,DELAY$/);
  await messagesOf(gmail, pepe, 0);
});
