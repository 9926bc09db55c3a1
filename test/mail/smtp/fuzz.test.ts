import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { State } from '../../../mail/smtp/command.ts';
import { smtpRegistry } from '../../../mail/smtp/registry.ts';
import { seededRandom } from '../../seeded-random.ts';
import { Dialog, ready } from './dialog.ts';

/** More rounds for a long run by hand: POSTA_FUZZ_ROUNDS=100000. */
const rounds = Number(process.env['POSTA_FUZZ_ROUNDS'] ?? 400);

/** RFC 5321 section 4.2: Reply-line, at most 512 octets each, all of one code; any number of replies. */
const replies = /^(?:(?:(\d{3})-[\x20-\x7e]{0,506}\r\n)*\d{3} [\x20-\x7e]{0,506}\r\n)*$/;

/** What a hostile or clumsy client says, line by line; STARTTLS aside, whose effect depends on when bytes come. */
const pieces = [
  'EHLO client.example\r\n',
  'HELO my_pc\r\n',
  'MAIL FROM:<pepe@example.org>\r\n',
  'MAIL FROM:<> SIZE=10 BODY=8BITMIME SMTPUTF8\r\n',
  'MAIL FROM:<a@b> SIZE=999999999999\r\n',
  'RCPT TO:<paco@example.test>\r\n',
  'RCPT TO:<nobody@example.test>\r\n',
  'RCPT TO:<postmaster>\r\n',
  'MAIL FROM:<a@b> RET=FULL ENVID=x+20y\r\n',
  'RCPT TO:<paco@example.test> NOTIFY=SUCCESS,DELAY ORCPT=utf-8;\\x{F1}\u00fc@b\r\n',
  'RCPT TO:<paco@example.test> NOTIFY=NEVER,DELAY ORCPT=rfc822;+\r\n',
  'RCPT TO:<üser@example.test>\r\n',
  'DATA\r\n',
  'DATA\r\n.\r\n',
  'Subject: x\r\n\r\n..dots\r\nQUIT?\r\n.\r\n',
  'bare\n.\nlines\r.\r\n',
  '\r\n.\r\n',
  '.\r\n',
  'BDAT 4\r\nab\r\n',
  'BDAT 4\r\na\rb\n',
  'BDAT 0 LAST\r\n',
  'BDAT 6 LAST\r\nNOOP\r\n',
  'BDAT 70 LAST\r\n',
  'BDAT x\r\n',
  'RSET\r\n',
  'NOOP\r\n',
  'VRFY paco\r\n',
  'EXPN list\r\n',
  'HELP\r\n',
  'HELP BDAT\r\n',
  'AUTH PLAIN\r\n',
  'AUTH LOGIN\r\n',
  'AUTH PLAIN AHBlcGVAZXhhbXBsZS50ZXN0AHNlY3JldA==\r\n',
  'AHBlcGVAZXhhbXBsZS50ZXN0AHNlY3JldA==\r\n',
  '*\r\n',
  'QUIT\r\n',
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\xff\xfe',
  `${'x'.repeat(3_000)}\r\n`,
  'x'.repeat(13_000),
];

interface Ending {
  readonly said: string;
  readonly messages: readonly string[];
}

/** Plays `input`, cut where `cut` says, to a new engine. */
async function play(input: Buffer, role: 'mta' | 'msa', cut: () => number): Promise<Ending> {
  const dialog = new Dialog({ role, limits: { messageBytes: 60, badCommands: 8, refusedRecipients: 5 } });
  await dialog.start(role === 'msa');
  for (let at = 0; at < input.length;) {
    const end = at + Math.max(1, Math.floor(cut()));
    await dialog.engine.receive(Buffer.from(input.subarray(at, end)));
    at = end;
  }
  const said = dialog.said();
  await dialog.engine.closed();
  assert.equal(dialog.host.open, 0, 'a message was neither finished nor aborted');
  assert.deepEqual(dialog.log.of('smtp.fault'), []);
  return { said, messages: dialog.host.received.map(({ bytes }) => bytes.toString('latin1')) };
}

test('any split of the bytes gives the same replies and the same messages, and each reply is well-formed', async () => {
  const random = seededRandom(5321);
  let accepted = 0;
  for (let round = 0; round < rounds; round++) {
    const length = 1 + Math.floor(random() * 25);
    const session = Array.from({ length }, () => pieces[Math.floor(random() * pieces.length)] ?? '');
    // Half of the sessions get as far as a message.
    if (random() < 0.5) session.unshift(...pieces.slice(0, 1), ...pieces.slice(2, 3), ...pieces.slice(5, 6));
    const input = Buffer.from(session.join(''), random() < 0.9 ? 'utf8' : 'latin1');
    const role = random() < 0.7 ? 'mta' : 'msa';
    const whole = await play(input, role, () => input.length);
    assert.match(whole.said, replies);
    accepted += whole.messages.length;
    const most = input.length < 2_000 && random() < 0.5 ? 1 : 10 + input.length / 50;
    assert.deepEqual(await play(input, role, () => 1 + random() * most), whole, JSON.stringify(session));
  }
  assert.ok(accepted > rounds / 20, `the sessions are too clumsy: ${accepted} messages in ${rounds}`);
});

test('random octets are answered well-formed', async () => {
  const random = seededRandom(821);
  const likely = Buffer.from('\r\n\r\n\r\n .:<>@=*');
  for (let round = 0; round < rounds; round++) {
    const input = Buffer.from(
      Array.from({ length: random() * 400 }, () =>
        random() < 0.3 ? (likely[Math.floor(random() * likely.length)] ?? 0) : Math.floor(random() * 256),
      ),
    );
    const { said } = await play(input, 'mta', () => 1 + random() * 50);
    assert.match(said, replies);
  }
});

/** The way into each state, from the greeting on. */
const ways: Readonly<Record<State, readonly string[]>> = {
  connected: [],
  greeted: ['EHLO client.example'],
  sender: ['EHLO client.example', 'MAIL FROM:<pepe@example.test>'],
  recipients: ['EHLO client.example', 'MAIL FROM:<pepe@example.test>', 'RCPT TO:<paco@example.test>'],
  chunks: [
    'EHLO client.example',
    'MAIL FROM:<pepe@example.test>',
    'RCPT TO:<paco@example.test>',
    'BDAT 2',
    '',
  ],
};

const suffixes: readonly string[] = [
  '',
  ' x',
  ' FROM:<a@example.org>',
  ' TO:<paco@example.test>',
  ' 0 LAST',
  ' PLAIN =',
  ' \u00fc',
  ` ${'y'.repeat(1_500)}`,
];

test('every command in every state is answered with one well-formed reply, or as the state table says 503', async () => {
  for (const [verb, command] of smtpRegistry.commands)
    for (const state of Object.keys(ways) as State[])
      for (const suffix of suffixes) {
        const dialog = new Dialog();
        await dialog.start();
        await dialog.say(...(ways[state] ?? []));
        const said = await dialog.say(verb + suffix);
        assert.match(`${said}\r\n`, /^(?:(\d{3})-[^\r\n]*\r\n(?:\1-[^\r\n]*\r\n)*\1 |\d{3} )[^\r\n]*\r\n$/);
        if (!command.states.includes(state)) assert.match(said, /^503 5\.5\.1 /, `${verb} in ${state}`);
        await dialog.engine.closed();
        assert.equal(dialog.host.open, 0);
      }
});

test('a line of 1 MB is answered once and dropped to its end', async () => {
  const dialog = await ready();
  let said = '';
  for (let sent = 0; sent < 64; sent++) said += await dialog.send('x'.repeat(16_384));
  said += await dialog.send('\r\nNOOP\r\n');
  assert.equal(said, '500 5.5.2 Line too long\r\n250 2.0.0 OK\r\n');
});

test('a text line of 1 MB is stored as it is', async () => {
  const dialog = await ready();
  await dialog.envelope();
  await dialog.say('DATA');
  for (let sent = 0; sent < 64; sent++) assert.equal(await dialog.send('x'.repeat(16_384)), '');
  assert.match(await dialog.say('', '.'), /^250 /);
  assert.equal(dialog.host.received[0]?.bytes.length, 1_048_576 + 2);
});
