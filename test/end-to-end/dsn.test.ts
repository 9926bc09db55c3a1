/** What a sender asks to hear (RFC 3461), from its MAIL and RCPT to the notification in its mailbox. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addAlias } from '../../mail/directory/change-alias.ts';
import { readNotification } from '../mail/delivery/read-notification.ts';
import { settled, takeMessage, takeMessages, traceBefore, type User } from './maildrop.ts';
import { TestPosta } from './posta.ts';
import { greeted } from './smtp-dialog.ts';

const named = (name: string): User => ({ user: `${name}@example.test`, password: `${name}-password` });
const [pepe, paco, maria] = ['pepe', 'paco', 'maria'].map(named) as [User, User, User];
const message = 'From: pepe@example.test\r\nSubject: asked\r\n\r\nHello\r\n';

test('a delivery that was asked for is told, an alias is expanded, and the whole message comes back with a failure', async () => {
  const users = [pepe, paco, maria];
  await using posta = await TestPosta.start({
    accounts: Object.fromEntries(users.map(({ user, password }) => [user, password])),
  });
  const targets = [paco.user, maria.user, 'former@example.test'];
  await posta.change((ports) =>
    addAlias(ports, { address: 'team@example.test', targets, allowMissing: true }),
  );
  using client = await greeted(posta.ports.smtp);
  for (const command of [
    'MAIL FROM:<pepe@example.test> RET=FULL ENVID=QQ+2B1',
    'RCPT TO:<paco@example.test> NOTIFY=SUCCESS ORCPT=rfc822;Paco@old.test',
    'RCPT TO:<maria@example.test> NOTIFY=NEVER',
    'RCPT TO:<team@example.test> NOTIFY=SUCCESS,FAILURE',
  ])
    assert.match(await client.command(command), /^250 /, command);
  assert.match(await client.command('DATA'), /^354 /);
  client.send(message);
  assert.match(await client.command('.'), /^250 /);
  await settled(posta);

  for (const reader of [paco, maria]) traceBefore(await takeMessage(posta, reader), message);
  const notifications = (await takeMessages(posta, pepe, 3)).map((stored) =>
    readNotification(stored.subarray('Return-Path: <>\r\n'.length)),
  );
  for (const { status } of notifications) assert.equal(status.message['Original-Envelope-Id'], 'QQ+1');
  const told = new Map(notifications.map((each) => [each.status.recipients[0]?.['Action'], each]));
  assert.equal(told.get('expanded')?.status.recipients[0]?.['Final-Recipient'], 'rfc822; team@example.test');
  const delivered = told.get('delivered');
  assert.equal(delivered?.status.recipients[0]?.['Original-Recipient'], 'rfc822; Paco@old.test');
  assert.equal(delivered.returned?.type, 'text/rfc822-headers');
  const failed = told.get('failed');
  assert.equal(failed?.returned?.type, 'message/rfc822');
  assert.ok(failed.returned.body.toString().endsWith(message));
});
