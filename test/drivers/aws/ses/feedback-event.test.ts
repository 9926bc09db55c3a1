/** SES's events as its documentation shows them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSesEvent } from '../../../../drivers/aws/ses/feedback-event.ts';

const mail = {
  messageId: 'EXAMPLE7c191be45',
  destination: ['bob@there.test'],
  tags: { 'posta-message': ['m1'], 'ses:configuration-set': ['posta'] },
};
const bounceEvent = {
  eventType: 'Bounce',
  bounce: {
    bounceType: 'Permanent',
    bounceSubType: 'General',
    bouncedRecipients: [
      {
        emailAddress: 'bob@there.test',
        action: 'failed',
        status: '5.1.1',
        diagnosticCode: 'smtp; 550 5.1.1 user unknown',
      },
    ],
    reportingMTA: 'dsn; a8-70.smtp-out.amazonses.com',
  },
  mail,
};
const bounced = {
  kind: 'bounced',
  messageId: 'm1',
  nextHopId: 'EXAMPLE7c191be45',
  permanent: true,
  remote: 'a8-70.smtp-out.amazonses.com',
  text: 'The other server refused it (Permanent, General)',
  recipients: [{ address: 'bob@there.test', status: '5.1.1', diagnostic: '550 5.1.1 user unknown' }],
};

test('a bounce is read, however it was brought', () => {
  assert.deepEqual(parseSesEvent(bounceEvent), bounced);
  assert.deepEqual(parseSesEvent({ Type: 'Notification', Message: JSON.stringify(bounceEvent) }), bounced);
  assert.deepEqual(parseSesEvent({ 'detail-type': 'Email Bounced', detail: bounceEvent }), bounced);
});

test('a notification of an identity has no tags: it is known by SES’s id', () => {
  const { eventType: notificationType, ...rest } = bounceEvent;
  const { tags: _, ...untagged } = mail;
  const read = parseSesEvent({ ...rest, notificationType, mail: untagged });
  assert.equal(read?.messageId, undefined);
  assert.equal(read?.nextHopId, 'EXAMPLE7c191be45');
});

test('complaints, deliveries, delays, rejections and failures are told apart, others say nothing', () => {
  const kind = (eventType: string, more: object) => parseSesEvent({ eventType, mail, ...more })?.kind;
  const recipients = [{ emailAddress: 'bob@there.test' }];
  assert.equal(kind('Complaint', { complaint: { complainedRecipients: recipients } }), 'complained');
  assert.equal(kind('Delivery', { delivery: { recipients: ['bob@there.test'] } }), 'delivered');
  assert.equal(kind('DeliveryDelay', { deliveryDelay: { delayedRecipients: recipients } }), 'delayed');
  assert.equal(kind('Reject', { reject: { reason: 'Bad content' } }), 'bounced');
  assert.equal(kind('Rendering Failure', { failure: { errorMessage: 'x' } }), 'bounced');
  assert.equal(kind('Open', {}), undefined);
});

test('what is no event is refused', () => {
  assert.throws(() => parseSesEvent({ hello: 1 }));
});
