/** The next hop on SES, with its real clients, and answers as SES gives them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpResponse } from '@smithy/core/protocols';
import { SESClient } from '@aws-sdk/client-ses';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { sesNextHop } from '../../../../drivers/aws/ses/next-hop.ts';
import type { Transmission } from '../../../../mail/ports/next-hop.ts';

type Answer = { readonly status: number; readonly body: string } | { readonly broken: Error };

const taken: Answer = {
  status: 200,
  body: '<SendRawEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendRawEmailResult><MessageId>ses-1</MessageId></SendRawEmailResult></SendRawEmailResponse>',
};
const refused = (code: string, message: string): Answer => ({
  status: 400,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
});

interface Request {
  readonly path: string;
  readonly body: string;
}

/** `answers` to the calls, in their order, the last for ever. */
function hopThatIsAnswered(...answers: readonly Answer[]) {
  const asked: Request[] = [];
  const kept: string[] = [];
  const requestHandler = {
    handle: async ({ path, body }: { readonly path: string; readonly body: Uint8Array | string }) => {
      const answer = answers[Math.min(asked.length, answers.length - 1)] ?? taken;
      asked.push({ path, body: textOf(body) });
      if ('broken' in answer) throw answer.broken;
      const json = path.startsWith('/v2');
      return {
        response: new HttpResponse({
          statusCode: answer.status,
          headers: { 'content-type': json ? 'application/json' : 'text/xml' },
          body: Buffer.from(json ? '{"MessageId":"ses-2"}' : answer.body),
        }),
      };
    },
  };
  const config = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler,
  };
  const hop = sesNextHop({
    ses: new SESClient(config),
    sesv2: new SESv2Client(config),
    configurationSet: 'posta',
    sentAs: async ({ sesId, messageId }) => void kept.push(`${sesId} ${messageId}`),
  });
  return { hop, asked, kept };
}

function transmission(
  recipients: readonly string[],
  bytes = Buffer.from('Subject: x\r\n\r\nText\r\n'),
): Transmission {
  return {
    messageId: 'm1',
    reversePath: 'pepe@example.org',
    recipients: recipients.map((address) => ({ address })),
    sizeBytes: bytes.length,
    body: '8BITMIME',
    smtpUtf8: false,
    async *read() {
      yield bytes;
    },
  };
}

const to = { domain: 'there.test' };

test('a message goes out in one call for fifty recipients, with sender, set and tag, and its id is kept', async () => {
  const { hop, asked, kept } = hopThatIsAnswered(taken);
  const recipients = Array.from({ length: 60 }, (_, number) => `r${number}@there.test`);
  const { outcomes, unavailable } = await hop.transmit(transmission(recipients), to);
  assert.equal(asked.length, 2);
  assert.equal(outcomes.length, 60);
  assert.ok(outcomes.every(({ kind }) => kind === 'sent'));
  assert.equal(unavailable, false);
  assert.deepEqual(kept, ['ses-1 m1', 'ses-1 m1']);
  const [first] = asked;
  for (const part of [
    'Source=pepe%40example.org',
    'ConfigurationSetName=posta',
    'Tags.member.1.Name=posta-message',
    'Tags.member.1.Value=m1',
    'Destinations.member.50=r49%40there.test',
  ])
    assert.ok(first?.body.includes(part), part);
  assert.equal(outcomes[0]?.said.reply, '250 Ok ses-1');
});

test('a large message goes out by the second API, one that is too large by none', async () => {
  const { hop, asked } = hopThatIsAnswered(taken);
  const large = await hop.transmit(transmission(['bob@there.test'], Buffer.alloc(11_000_000, 'x')), to);
  assert.equal(large.outcomes[0]?.kind, 'sent');
  assert.equal(asked[0]?.path, '/v2/email/outbound-emails');
  const tooLarge = { ...transmission(['bob@there.test']), sizeBytes: 50 * 2 ** 20 };
  const { outcomes } = await hop.transmit(tooLarge, to);
  assert.deepEqual([outcomes[0]?.kind, outcomes[0]?.said.status], ['failed', '5.3.4']);
  assert.equal(asked.length, 1);
});

test('an address that SES cannot write fails alone', async () => {
  const { hop } = hopThatIsAnswered(taken);
  const { outcomes } = await hop.transmit(transmission(['josé@there.test', 'bob@there.test']), to);
  assert.deepEqual(
    outcomes.map(({ kind, said }) => `${kind} ${said.status}`),
    ['failed 5.6.7', 'sent 2.0.0'],
  );
});

test('a domain with other letters goes out in A-labels, and has its outcome in its place', async () => {
  const { hop, asked } = hopThatIsAnswered(taken);
  const { outcomes } = await hop.transmit(transmission(['josé@there.test', 'bob@bücher.test']), to);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['failed', 'sent'],
  );
  assert.ok(asked[0]?.body.includes('Destinations.member.1=bob%40xn--bcher-kva.test'));
});

test('a fault after some have it puts off the others: nobody who has it gets it again', async () => {
  const { hop, asked } = hopThatIsAnswered(taken, refused('AccessDenied', 'not authorized'));
  const recipients = Array.from({ length: 100 }, (_, number) => `r${number}@there.test`);
  const { outcomes, unavailable } = await hop.transmit(transmission(recipients), to);
  assert.equal(asked.length, 2);
  assert.equal(unavailable, true);
  const kinds = outcomes.map(({ kind }) => kind);
  assert.deepEqual(kinds, [...Array<string>(50).fill('sent'), ...Array<string>(50).fill('deferred')]);
  assert.match(outcomes[99]?.said.reply ?? '', /AccessDenied.*not authorized/);
});

test('once SES takes no more, it is not asked for the others', async () => {
  const { hop, asked } = hopThatIsAnswered(refused('Throttling', 'Maximum sending rate exceeded.'));
  const recipients = Array.from({ length: 100 }, (_, number) => `r${number}@there.test`);
  const { outcomes } = await hop.transmit(transmission(recipients), to);
  assert.equal(asked.length, 1);
  assert.ok(outcomes.every(({ kind, said }) => kind === 'deferred' && said.status === '4.7.1'));
});

const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
const cases: readonly (readonly [name: string, answer: Answer, expected: string])[] = [
  [
    'an address that is not verified',
    refused('MessageRejected', 'Email address is not verified.'),
    'failed 5.7.1 here',
  ],
  ['a domain that is not verified', refused('MailFromDomainNotVerifiedException', 'no'), 'failed 5.7.1 here'],
  ['another refusal', refused('MessageRejected', 'Virus found'), 'failed 5.6.0 here'],
  ['too many a second', refused('Throttling', 'Maximum sending rate exceeded.'), 'deferred 4.7.1 away'],
  ['the day’s quota', refused('Throttling', 'Daily message quota exceeded.'), 'deferred 4.7.1 away'],
  ['a paused account', refused('AccountSendingPausedException', 'paused'), 'deferred 4.7.0 away'],
  ['a failure of SES', { status: 503, body: '' }, 'deferred 4.4.1 away'],
  ['no answer', { broken: reset }, 'deferred 4.4.1 away'],
];
for (const [name, answer, expected] of cases)
  test(`${name}: ${expected}`, async () => {
    const { hop, kept } = hopThatIsAnswered(answer);
    const { outcomes, unavailable } = await hop.transmit(transmission(['bob@there.test']), to);
    const [outcome] = outcomes;
    assert.equal(`${outcome?.kind} ${outcome?.said.status} ${unavailable ? 'away' : 'here'}`, expected);
    assert.deepEqual(kept, []);
  });

test('a right that is missing is a fault of ours', async () => {
  const { hop } = hopThatIsAnswered(refused('AccessDenied', 'not authorized'));
  await assert.rejects(hop.transmit(transmission(['bob@there.test']), to), /not authorized/);
});

function textOf(body: Uint8Array | string): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body);
}
