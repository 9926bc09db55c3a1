/** The notification as RFC 3464, 6522 and 6533 ask for it; `read-notification.ts` holds every one to their grammar. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asksFor, type Action } from '../../../mail/delivery/report.ts';
import type { NotifyKeyword } from '../../../mail/routing/envelope.ts';
import { valueOf } from './read-notification.ts';
import { notificationOf, NotifyKit, original, report, returnPath } from './notify-kit.ts';

const headerOnly = original.slice(0, original.indexOf('\r\n\r\n') + 4);
const success: readonly NotifyKeyword[] = ['SUCCESS', 'FAILURE', 'DELAY'];

test('it comes from the mail system, answers the original, and asks for no answer', async () => {
  const { fields } = await notificationOf([report()]);
  assert.equal(valueOf(fields, 'from'), 'Mail Delivery <MAILER-DAEMON@mx.example.test>');
  assert.equal(valueOf(fields, 'to'), 'ann@example.test');
  assert.equal(valueOf(fields, 'auto-submitted'), 'auto-replied');
  assert.equal(valueOf(fields, 'in-reply-to'), '<one@client.test>');
  assert.equal(valueOf(fields, 'references'), '<one@client.test>');
  assert.equal(valueOf(fields, 'date'), 'Tue, 24 Nov 2026 10:00:00 +0000');
  assert.match(valueOf(fields, 'message-id') ?? '', /^<[0-9a-f]{40}@mx\.example\.test>$/);
});

/** What people read of each action, its lines joined. */
const kinds: Readonly<Record<Action, { readonly subject: RegExp; readonly text: readonly RegExp[] }>> = {
  failed: {
    subject: /^Not delivered: /,
    text: [
      /could not be delivered to: gone@example\.test There is no such address here/,
      /not tried any more/,
    ],
  },
  delayed: {
    subject: /^Delayed: /,
    text: [
      /could not be delivered yet to:/,
      /You need not do anything\. This server goes on trying until Sun, 29 Nov 2026 09:59:00 \+0000, and tells you if it gives up\./,
    ],
  },
  delivered: { subject: /^Delivered: /, text: [/was delivered to:/, /does not say that anyone has read it/] },
  relayed: {
    subject: /^Handed on: /,
    text: [/was handed on to the next server/, /does not confirm deliveries/],
  },
  expanded: {
    subject: /^Passed on: /,
    text: [/was passed on to all recipients behind:/, /not told of the delivery/],
  },
};

for (const [action, { subject, text }] of Object.entries(kinds) as [Action, (typeof kinds)[Action]][])
  test(`${action} has a subject and words of its own, and comes with the header`, async () => {
    const willRetryUntil = new Date('2026-11-29T09:59:00Z');
    const notification = await notificationOf([report({ action, notify: success, willRetryUntil })]);
    assert.match(valueOf(notification.fields, 'subject') ?? '', subject);
    const joined = notification.text.replace(/\s+/g, ' ');
    for (const words of [...text, /The header of your message is attached\./]) assert.match(joined, words);
    assert.equal(notification.status.recipients[0]?.['Action'], action);
    assert.equal(notification.returned?.type, 'text/rfc822-headers');
    assert.equal(notification.returned.body.toString(), headerOnly);
  });

test('a delay promises a failure only to who asked for it', async () => {
  const delayed = { action: 'delayed', notify: ['DELAY'] } as const;
  assert.match((await notificationOf([report(delayed)])).text, /This server goes on trying\.\r\n/);
});

test('the status has a group for the message and one for each recipient, with all that is known', async () => {
  const { status } = await notificationOf(
    [
      report({
        orcpt: { addressType: 'rfc822', address: 'Gone@Example.test' },
        reply: '550-5.1.1 mailbox unavailable 550 5.1.1 user has moved with no forwarding address',
        remote: 'mx.other.test [192.0.2.1]',
        lastAttemptAt: new Date('2026-11-24T09:59:30Z'),
      }),
      report({ recipient: 'full@example.test', status: '4.2.2', remote: '[IPv6:2001:db8::1]' }),
    ],
    { envid: 'QQ314159' },
  );
  assert.deepEqual(status, {
    type: 'message/delivery-status',
    message: {
      'Original-Envelope-Id': 'QQ314159',
      'Reporting-MTA': 'dns; mx.example.test',
      'Arrival-Date': 'Tue, 24 Nov 2026 09:59:00 +0000',
    },
    recipients: [
      {
        'Original-Recipient': 'rfc822; Gone@Example.test',
        'Final-Recipient': 'rfc822; gone@example.test',
        Action: 'failed',
        Status: '5.1.1',
        'Remote-MTA': 'dns; mx.other.test',
        'Diagnostic-Code':
          'smtp; 550-5.1.1 mailbox unavailable 550 5.1.1 user has moved with no forwarding address',
        'Last-Attempt-Date': 'Tue, 24 Nov 2026 09:59:30 +0000',
      },
      {
        'Final-Recipient': 'rfc822; full@example.test',
        Action: 'failed',
        Status: '4.2.2',
        'Remote-MTA': 'dns; [IPv6:2001:db8::1]',
      },
    ],
  });
});

test('a delay says until when it is tried, and a name without a domain is none of the DNS', async () => {
  await using kit = await NotifyKit.open();
  kit.hostname = 'laptop';
  await kit.tell([report({ action: 'delayed', willRetryUntil: new Date('2026-11-29T09:59:00Z') })]);
  const { status } = await kit.notification();
  assert.equal(status.message['Reporting-MTA'], 'x-local-hostname; laptop');
  assert.equal(status.recipients[0]?.['Will-Retry-Until'], 'Sun, 29 Nov 2026 09:59:00 +0000');
});

test('UTF-8 in an address asks for the status of RFC 6533, and in the header for the header of RFC 6533', async () => {
  const address = await notificationOf([
    report({
      recipient: 'gonê@example.test',
      orcpt: { addressType: 'utf-8', address: 'gonê+1@example.test' },
    }),
    report(),
  ]);
  assert.equal(address.status.type, 'message/global-delivery-status');
  assert.deepEqual(
    address.status.recipients.map((each) => [each['Original-Recipient'], each['Final-Recipient']]),
    [
      ['utf-8; gonê+1@example.test', 'utf-8; gonê@example.test'],
      [undefined, 'rfc822; gone@example.test'],
    ],
  );
  assert.equal(address.returned?.type, 'text/rfc822-headers');
  const header = await notificationOf([report()], { message: 'Subject: grüße\r\n\r\n' });
  assert.equal(header.status.type, 'message/delivery-status');
  assert.equal(header.returned?.type, 'message/global-headers');
});

test('an original recipient of the type utf-8 is embedded in ASCII where the status is ASCII', async () => {
  const orcpt = { addressType: 'utf-8', address: 'a+b@example.test' };
  const { status } = await notificationOf([report({ orcpt })]);
  assert.equal(status.recipients[0]?.['Original-Recipient'], 'utf-8; a\\x{2B}b@example.test');
});

test('RET=FULL brings back the whole message, octet by octet and without our Return-Path', async () => {
  const { returned, text } = await notificationOf([report()], { ret: 'FULL' });
  assert.equal(returned?.type, 'message/rfc822');
  assert.equal(returned.body.toString(), original);
  assert.match(text, /Your message is attached\./);
});

test('eight bits in a message that comes back are declared, and UTF-8 in its header makes it message/global', async () => {
  const body = `Subject: hi\r\n\r\n${'Grüße\r\n'.repeat(20_000)}`;
  const plain = await notificationOf([report()], { ret: 'FULL', message: body });
  assert.equal(plain.returned?.type, 'message/rfc822');
  assert.equal(plain.returned.body.toString(), body);
  const global = await notificationOf([report()], { ret: 'FULL', message: `Subject: grüße\r\n\r\nhi\r\n` });
  assert.equal(global.returned?.type, 'message/global');
});

test('RET=HDRS, and RET=FULL of what is no failure, bring back the header', async () => {
  const one = await notificationOf([report()], { ret: 'HDRS' });
  const other = await notificationOf([report({ action: 'delayed' })], { ret: 'FULL' });
  for (const { returned } of [one, other]) assert.equal(returned?.type, 'text/rfc822-headers');
});

test('a message that is too large does not come back whole, and the text says so', async () => {
  await using kit = await NotifyKit.open();
  kit.maxReturnedBytes = original.length;
  await kit.tell([report()], { ret: 'FULL' });
  kit.maxReturnedBytes -= 1;
  await kit.tell([report({ recipient: 'other@example.test' })], { ret: 'FULL' });
  const [whole, header] = await kit.notifications();
  assert.equal(whole?.returned?.type, 'message/rfc822');
  assert.equal(header?.returned?.type, 'text/rfc822-headers');
  assert.match(header.text, /too large to come back whole; its header is attached/);
});

test('a message whose bytes are gone is told of without them', async () => {
  await using kit = await NotifyKit.open();
  await kit.tell([report()], { ret: 'FULL', blobKey: 'gone' });
  const { returned, text } = await kit.notification();
  assert.equal(returned, undefined);
  assert.match(text, /Your message itself can no longer be read\./);
});

test('a header without an end, or of more than 64 KB, comes back cut at a line', async () => {
  const endless = await notificationOf([report()], { message: 'Subject: hi\r\nX-Cut: of' });
  assert.equal(endless.returned?.body.toString(), 'Subject: hi\r\n\r\n');
  const large = await notificationOf([report()], {
    message: `Subject: hi\r\n${'X-Filler: x\r\n'.repeat(9_000)}\r\n`,
  });
  assert.equal(large.returned?.body.length, Math.floor((64 * 1024 - 13) / 13) * 13 + 13 + 2);
});

test('what another server said can end no line, and no word of it is longer than a line may be', async () => {
  const reply = `550 no\r\nBcc: evil@x.test\r\n\r\n--x\r\n\0\u0085 grüße ${'x'.repeat(3_000)}`;
  const { status, text } = await notificationOf([report({ reply, remote: 'mx\r\nX: y [192.0.2.1]' })]);
  assert.match(status.recipients[0]?.['Diagnostic-Code'] ?? '', /^smtp; 550 no\?\?Bcc: evil@x\.test/);
  assert.equal(status.recipients[0]?.['Remote-MTA'], 'dns; mx');
  assert.match(text, /550 no Bcc: evil@x\.test --x/);
});

test('who wrote to another address is told which, and what an admin wrote is what the sender reads', async () => {
  const { text } = await notificationOf([
    report({
      orcpt: { addressType: 'rfc822', address: 'old@elsewhere.test' },
      text: 'Schreib an neu@example.test',
    }),
    report({
      recipient: 'same@example.test',
      orcpt: { addressType: 'rfc822', address: 'Same@example.test' },
    }),
  ]);
  assert.match(
    text,
    / {2}gone@example\.test \(you wrote to old@elsewhere\.test\)\r\n {4}Schreib an neu@example\.test/,
  );
  assert.match(text, / {2}same@example\.test\r\n/);
});

test('the sender’s address stands in To as it is, quoted where it must be', async () => {
  await using kit = await NotifyKit.open();
  await kit.tell([report()], { reversePath: '"evil@y  z"@x.test' });
  const [notification] = kit.outside;
  const bytes = await kit.bytesOf(notification?.blobKey ?? '');
  assert.ok(bytes.toString().startsWith('To: "evil@y  z"@x.test\r\nFrom: '));
});

test('NOTIFY decides: failures and delays unless something is said, nothing with NEVER', () => {
  const actions: readonly Action[] = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'];
  const asked = (notify?: readonly NotifyKeyword[]) =>
    actions.filter((action) => asksFor(notify === undefined ? {} : { notify }, action));
  assert.deepEqual(asked(), ['failed', 'delayed']);
  assert.deepEqual(asked(['NEVER']), []);
  assert.deepEqual(asked(['FAILURE']), ['failed']);
  assert.deepEqual(asked(['DELAY']), ['delayed']);
  assert.deepEqual(asked(['SUCCESS']), ['delivered', 'relayed', 'expanded']);
  assert.deepEqual(asked(success), actions);
});

test('the Return-Path of the original is ours alone', async () => {
  const { returned } = await notificationOf([report()]);
  assert.ok(!returned?.body.toString().includes(returnPath));
});
