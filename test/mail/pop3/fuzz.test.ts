import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pop3Limits } from '../../../mail/pop3/limits.ts';
import { pop3Registry } from '../../../mail/pop3/registry.ts';
import { seededRandom } from '../../seeded-random.ts';
import { Pop3Server } from './pop3-server.ts';

/** More rounds for a long run by hand: POSTA_FUZZ_ROUNDS=100000. */
const rounds = Number(process.env['POSTA_FUZZ_ROUNDS'] ?? 300);

const plain = Buffer.from('\0paco@example.test\0secret').toString('base64');

/** What a hostile or clumsy client says; STLS aside, whose effect depends on when bytes come. */
const pieces = [
  'USER paco@example.test\r\n',
  'PASS secret\r\n',
  'PASS wrong\r\n',
  `AUTH PLAIN ${plain}\r\n`,
  'AUTH PLAIN\r\n',
  `${plain}\r\n`,
  'AUTH LOGIN\r\n',
  'AUTH\r\n',
  '*\r\n',
  'CAPA\r\n',
  'STAT\r\n',
  'LIST\r\n',
  'LIST 2\r\n',
  'UIDL\r\n',
  'RETR 1\r\n',
  'RETR 3\r\n',
  'TOP 2 1\r\n',
  'DELE 1\r\n',
  'DELE 2\r\n',
  'RSET\r\n',
  'NOOP\r\n',
  'LANG *\r\n',
  'UTF8\r\n',
  'QUIT\r\n',
  'LIST 99999999999999999\r\n',
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\xff\xfe',
  `${'x'.repeat(300)}\r\n`,
  'x'.repeat(13_000),
];

interface Ending {
  readonly said: readonly string[];
  readonly left: readonly string[];
}

/** Plays `input`, cut where `cut` says, to a new server with three messages. */
async function play(input: Buffer, cut: () => number): Promise<Ending> {
  const server = new Pop3Server({ limits: { ...pop3Limits, badCommands: 8 } });
  server.direct('message', 'Subject: one\\r\\n\\r\\n.\\r\\n..two\\r\\n');
  server.direct('message', 'Subject: two\\n\\nno end');
  server.direct('message', '');
  const session = await server.session('tls');
  const chunks: Buffer[] = [];
  for (let at = 0; at < input.length;) {
    const end = at + Math.max(1, Math.floor(cut()));
    chunks.push(input.subarray(at, end));
    at = end;
  }
  await session.recorded.send(chunks);
  const said = session.said();
  await session.recorded.close();
  server.finish();
  return { said, left: server.maildrops.messages.map(({ uidl }) => uidl) };
}

/** Takes replies apart as a client does; each `+OK` may have a body, which ends with the dot. How many there are. */
function countReplies(said: readonly string[]): number {
  let count = 0;
  let inBody = false;
  for (const [index, line] of said.entries()) {
    const status =
      /^(?:\+OK(?: [\x20-\x7e]*)?|-ERR (?:\[[A-Z/0-9-]+\] )?[\x20-\x7e]+|\+ [A-Za-z0-9+/=]*)$/.test(line);
    if (inBody) {
      inBody = line !== '.';
      continue;
    }
    assert.ok(status, `not a reply: ${JSON.stringify(line)}`);
    count += 1;
    assert.ok(line.length <= 510, 'RFC 1939 section 3: 512 octets');
    const next = said[index + 1];
    inBody = line.startsWith('+OK') && next !== undefined && !/^(?:\+OK|-ERR|\+ )/.test(next);
  }
  assert.ok(!inBody, 'a body without its dot');
  return count;
}

test('any split of the bytes gives the same replies and leaves the same messages', async () => {
  const random = seededRandom(1939);
  let loggedIn = 0;
  let deleted = 0;
  for (let round = 0; round < rounds; round++) {
    const length = 1 + Math.floor(random() * 25);
    const session = Array.from({ length }, () => pieces[Math.floor(random() * pieces.length)] ?? '');
    // Half of the sessions log in first.
    if (random() < 0.5) session.unshift(...pieces.slice(0, 2));
    const input = Buffer.from(session.join(''), random() < 0.9 ? 'utf8' : 'latin1');
    const whole = await play(input, () => input.length);
    countReplies(whole.said);
    if (whole.said.some((line) => line.startsWith('+OK The maildrop'))) loggedIn += 1;
    if (whole.left.length < 3) deleted += 1;
    const most = input.length < 1_000 && random() < 0.3 ? 1 : 10 + input.length / 30;
    assert.deepEqual(await play(input, () => 1 + random() * most), whole, JSON.stringify(session));
  }
  assert.ok(loggedIn > rounds / 3 && deleted > 0, `too clumsy: ${loggedIn} logins, ${deleted} deletions`);
});

test('random octets are answered well-formed', async () => {
  const random = seededRandom(2449);
  const likely = Buffer.from('\r\n\r\n\r\n .0123+-*=');
  for (let round = 0; round < rounds; round++) {
    const input = Buffer.from(
      Array.from({ length: random() * 300 }, () =>
        random() < 0.3 ? (likely[Math.floor(random() * likely.length)] ?? 0) : Math.floor(random() * 256),
      ),
    );
    countReplies((await play(input, () => 1 + random() * 50)).said);
  }
});

const suffixes: readonly string[] = [
  '',
  ' ',
  ' 1',
  ' 2 1',
  ' 0',
  ' x',
  ' 1 2 3',
  ' PLAIN =',
  ' *',
  ' \u00fc',
  ` ${'y'.repeat(240)}`,
  ` ${'z'.repeat(1_500)}`,
];

for (const state of ['authorization', 'transaction'] as const)
  test(`every command in the ${state} state has one reply, or is refused as the state table says`, async () => {
    for (const [verb, command] of pop3Registry.commands)
      for (const suffix of suffixes) {
        const server = new Pop3Server();
        server.direct('octets', '100 200');
        const session = await server.session('tls');
        if (state === 'transaction') await session.logIn();
        session.said();
        const said = await session.say(verb + suffix);
        assert.equal(countReplies(said), 1, `${verb}${suffix} was answered ${said.join('|')}`);
        if (!command.states.includes(state)) assert.match(said[0] ?? '', /^-ERR /, `${verb} in ${state}`);
        await session.recorded.close();
        server.finish();
      }
  });
