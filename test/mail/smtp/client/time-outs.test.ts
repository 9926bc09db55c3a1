/** Every wait of RFC 5321 section 4.5.3.2 ends: not a millisecond sooner, and then all that is left is put off. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smtpClientLimits, type Step } from '../../../../mail/smtp/client/limits.ts';
import { PlayedClient } from './played-client.ts';

interface Wait {
  readonly step: Step;
  /** How the session comes to wait: what the server says, and what else happens. */
  readonly play: readonly string[];
  /** Whether the session was open before. */
  readonly open: boolean;
}

const ehlo = [
  'open tls=opportunistic implicit user=u password=p',
  'S 220 hi',
  'S 250-mx\r\n250-STARTTLS\r\n250 AUTH PLAIN',
];
const hello = ['open', 'S 220 hi', 'S 250 mx'];
const send = [...hello, 'message x\\r\\n', 'send to=a@example.test'];

const waits: readonly Wait[] = [
  { step: 'greeting', play: ['open'], open: false },
  { step: 'hello', play: ['open', 'S 220 hi'], open: false },
  { step: 'startTls', play: ehlo, open: false },
  { step: 'auth', play: [...ehlo, 'S 454 no'], open: false },
  { step: 'mail', play: send, open: true },
  { step: 'rcpt', play: [...send, 'S 250 ok'], open: true },
  { step: 'data', play: [...send, 'S 250 ok', 'S 250 ok'], open: true },
  { step: 'dataBlock', play: [...send, 'S 250 ok', 'S 250 ok', 'stall', 'S 354 ok'], open: true },
  { step: 'dataEnd', play: [...send, 'S 250 ok', 'S 250 ok', 'S 354 ok'], open: true },
  {
    step: 'reset',
    play: [...send, 'S 250 ok', 'S 550 no', 'message x\\r\\n', 'send to=a@example.test'],
    open: true,
  },
];

async function play(client: PlayedClient, events: readonly string[]): Promise<void> {
  for (const event of events) {
    const [name = '', ...rest] = event.split(' ');
    if (name === 'S') await client.say([Buffer.from(`${rest.join(' ')}\r\n`)]);
    else await client.direct(name, rest.join(' '));
  }
}

for (const { step, play: events, open } of waits)
  test(`the wait in ${step} ends after ${smtpClientLimits.waitMs[step] / 1000} s`, async () => {
    const client = new PlayedClient();
    await play(client, events);
    assert.ok(!client.connection.closed, 'it is over already');
    // Where nothing is taken, a last word is waited for.
    const waitMs = smtpClientLimits.waitMs[step];
    await client.direct('wait', String(waitMs - 1));
    assert.ok(!client.connection.closed, 'it ended too soon');
    await client.direct('wait', String(1 + (step === 'dataBlock' ? smtpClientLimits.lastWordsMs : 0)));
    await client.direct('ended', '');
    if (open) await client.direct('deferred', '1 4.4.2');
    else await client.direct('refused', '4.4.2');
  });

test('QUIT is not waited for longer than its time, and the connection is ended', async () => {
  const client = new PlayedClient();
  await play(client, [...hello, 'quit']);
  await client.direct('wait', String(smtpClientLimits.waitMs.quit - 1));
  assert.ok(!client.connection.closed);
  await client.direct('wait', '1');
  await client.direct('ended', '');
});

test('a server that drips its replies is given up: when it is to open, and in a message', async () => {
  const dripping = async (client: PlayedClient, ms: number) => {
    for (let passed = 0; passed < ms; passed += 10_000) {
      assert.ok(!client.connection.closed, `it ended after ${passed} ms`);
      await client.say([Buffer.from('250-')]);
      await client.direct('wait', '10000');
    }
  };
  const opening = new PlayedClient();
  await play(opening, ['open']);
  await dripping(opening, smtpClientLimits.waitMs.greeting);
  await opening.direct('refused', '4.4.2');
  const sending = new PlayedClient();
  await play(sending, send);
  await dripping(sending, smtpClientLimits.waitMs.mail);
  await sending.direct('deferred', '1 4.4.2');
});

test('a session that takes longer in all than it may is over, though no wait is too long', async () => {
  const opening = new PlayedClient();
  await play(opening, ['open', 'wait 240000', 'S 220 hi', 'wait 119999']);
  assert.ok(!opening.connection.closed);
  await play(opening, ['wait 1', 'refused 4.4.2']);
  const sending = new PlayedClient();
  const to = Array.from({ length: 10 }, (_, at) => `a${at}@example.test`).join(',');
  await play(sending, [...hello, 'message x\\r\\n', `send to=${to}`]);
  for (let passed = 0; passed < smtpClientLimits.messageMs - 240_000; passed += 240_000)
    await play(sending, ['wait 240000', 'S 250 ok']);
  await play(sending, ['wait 239999']);
  assert.ok(!sending.connection.closed);
  await play(sending, ['wait 1', 'deferred 1 4.4.2']);
});

test('once a message is sent, its reply is waited for in full, however long the message took', async () => {
  const client = new PlayedClient();
  await play(client, [...hello, 'message x\\r\\n', 'send to=a@example.test,b@example.test,c@example.test']);
  for (let answered = 0; answered < 4; answered++) await play(client, ['wait 290000', 'S 250 ok']);
  await play(client, [
    'wait 30000',
    'S 354 ok',
    `wait ${smtpClientLimits.waitMs.dataEnd - 1}`,
    'S 250 ok',
    'sent 1 2.0.0',
  ]);
});
