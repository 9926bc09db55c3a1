/** The notification as RFC 3464, 6522 and 6533 ask for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeNotification, type NotificationOptions } from '../../../mail/delivery/notification.ts';
import { scanHeader } from '../../../mail/message/header-scan.ts';
import { firstValue } from '../../../mail/message/header.ts';
import { scanMessage } from '../../../mail/message/scan-message.ts';
import { sectionRange } from '../../../mail/message/part-table.ts';

const options: NotificationOptions = {
  hostname: 'mx.example.test',
  to: 'ann@example.test',
  id: 'd0c0ffee',
  date: new Date('2026-11-24T10:00:00Z'),
  arrivedAt: new Date('2026-11-24T09:59:00Z'),
  failures: [
    { recipient: 'gone@example.test', reason: 'unknown' },
    { recipient: 'full@example.test', reason: 'overQuota' },
  ],
  originalHeader: Buffer.from(
    'From: ann@example.test\r\nMessage-ID:\r\n <one@client.test>\r\nSubject: hi\r\n\r\n',
  ),
};

async function compose(changes: Partial<NotificationOptions> = {}) {
  const bytes = Buffer.from(await composeNotification({ ...options, ...changes }));
  const { fields } = scanHeader(bytes);
  const scanned = scanMessage(bytes);
  const part = (number: number) => {
    const range = sectionRange(scanned.parts, { numbers: [number], of: 'whole' });
    const header = sectionRange(scanned.parts, { numbers: [number], of: 'MIME' });
    return {
      header: bytes.subarray(header?.start, header?.end).toString('latin1'),
      body: bytes.subarray(range?.start, range?.end).toString('utf8'),
    };
  };
  return { bytes, part, value: (name: string) => firstValue(fields, name) };
}

test('it is a multipart/report of text, status and header, from a null sender’s address, and answers the original', async () => {
  const { value, part, bytes } = await compose();
  assert.match(value('content-type') ?? '', /^multipart\/report; report-type=delivery-status; boundary=/);
  assert.equal(value('from'), 'Mail Delivery <MAILER-DAEMON@mx.example.test>');
  assert.equal(value('to'), 'ann@example.test');
  assert.equal(value('auto-submitted'), 'auto-replied');
  assert.equal(value('in-reply-to'), '<one@client.test>');
  assert.equal(value('message-id'), '<d0c0ffee@mx.example.test>');
  assert.match(part(1).header, /^Content-Type: text\/plain/m);
  assert.match(part(2).header, /^Content-Type: message\/delivery-status\r$/m);
  assert.match(part(3).header, /^Content-Type: text\/rfc822-headers\r$/m);
  assert.equal(part(3).body, options.originalHeader.toString());
  assert.ok(!/[^\r]\n/.test(bytes.toString('latin1')), 'every line ends in CRLF');
});

test('the status has a group for the message and one for each recipient', async () => {
  const { part } = await compose();
  assert.equal(
    part(2).body.trimEnd(),
    [
      'Reporting-MTA: dns; mx.example.test',
      'Arrival-Date: Tue, 24 Nov 2026 09:59:00 +0000',
      '',
      'Final-Recipient: rfc822; gone@example.test',
      'Action: failed',
      'Status: 5.1.1',
      'Last-Attempt-Date: Tue, 24 Nov 2026 10:00:00 +0000',
      '',
      'Final-Recipient: rfc822; full@example.test',
      'Action: failed',
      'Status: 5.2.2',
      'Last-Attempt-Date: Tue, 24 Nov 2026 10:00:00 +0000',
    ].join('\r\n'),
  );
});

test('UTF-8 in an address or in the header asks for the forms of RFC 6533', async () => {
  for (const changes of [
    { failures: [{ recipient: 'gonê@example.test', reason: 'unknown' as const }] },
    { originalHeader: Buffer.from('Subject: grüße\r\n\r\n') },
  ]) {
    const { part } = await compose(changes);
    assert.match(part(2).header, /^Content-Type: message\/global-delivery-status\r$/m);
    assert.match(part(2).body, /Final-Recipient: utf-8; gon/);
    assert.match(part(3).header, /^Content-Type: message\/global-headers\r$/m);
  }
});

test('the sender’s address stands in To as it is, quoted where it must be', async () => {
  assert.equal((await compose({ to: '"evil@y"@x.test' })).value('to'), '"evil@y"@x.test');
});

test('an admin’s own words are what the sender reads, and the same failures make the same bytes', async () => {
  const failures = [
    { recipient: 'left@example.test', reason: 'rejected' as const, detail: 'Write to new@example.test' },
  ];
  const { part, bytes } = await compose({ failures });
  assert.match(part(1).body, /Write to new@example\.test/);
  assert.deepEqual((await compose({ failures })).bytes, bytes);
});
