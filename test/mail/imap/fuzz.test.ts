/**
 * Sessions of likely and unlikely pieces: whatever a client sends, no fault is logged, each answer is well-formed, each tag
 * is answered once and in order, and the session goes on or says BYE. More rounds by hand: POSTA_FUZZ_ROUNDS=10000.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { imapRegistry } from '../../../mail/imap/registry.ts';
import { everyState, type State } from '../../../mail/imap/command.ts';
import { seededRandom } from '../../seeded-random.ts';
import { temporaryTable } from '../mailbox/mail-kit.ts';
import { ImapServer } from './imap-server.ts';
import type { ImapSession } from './imap-session.ts';
import { readResponses, type Response } from './responses.ts';

const rounds = Number(process.env['POSTA_FUZZ_ROUNDS'] ?? 80);

const { table, [Symbol.asyncDispose]: dispose } = await temporaryTable();
after(dispose);

const plain = Buffer.from('\0paco@example.test\0secret').toString('base64');
const message = 'Subject: x\r\n\r\n{3}\r\n.\r\n';

/** What a client may say; `$` becomes a new tag. STARTTLS aside, whose effect depends on when bytes come. */
const likely = [
  '$ LOGIN paco@example.test secret\r\n',
  '$ LOGIN {17}\r\npaco@example.test {6+}\r\nsecret\r\n',
  '$ LOGIN paco@example.test wrong\r\n',
  `$ AUTHENTICATE PLAIN ${plain}\r\n`,
  '$ AUTHENTICATE PLAIN\r\n',
  `${plain}\r\n`,
  '$ AUTHENTICATE LOGIN\r\n',
  '*\r\n',
  '$ CAPABILITY\r\n',
  '$ NOOP\r\n',
  '$ SELECT INBOX\r\n',
  '$ EXAMINE "inbox" (CONDSTORE)\r\n',
  '$ SELECT {5}\r\nINBOX\r\n',
  '$ SELECT nowhere\r\n',
  '$ CLOSE\r\n',
  '$ UNSELECT\r\n',
  '$ CHECK\r\n',
  '$ EXPUNGE\r\n',
  '$ UID EXPUNGE 1:*\r\n',
  '$ STORE 1:* +FLAGS (\\Deleted $Work)\r\n',
  '$ UID STORE 2,1 (UNCHANGEDSINCE 3) -FLAGS.SILENT \\Seen \\Draft\r\n',
  '$ FETCH 1:* (FLAGS UID BODY[] ENVELOPE)\r\n',
  '$ UID FETCH 1:9 (BODY.PEEK[HEADER.FIELDS (Subject)]<0.5> BODYSTRUCTURE)\r\n',
  '$ FETCH 1 FULL\r\n',
  '$ COPY 1 Archive\r\n',
  '$ UID COPY 1:* "INBOX"\r\n',
  '$ MOVE 2 Archive\r\n',
  '$ UID MOVE 1 nowhere\r\n',
  `$ APPEND INBOX (\\Seen) {${message.length}}\r\n${message}\r\n`,
  `$ APPEND {5+}\r\nINBOX ($Work) "17-Jul-1996 02:44:25 -0700" {${message.length}+}\r\n${message}\r\n`,
  `$ APPEND nowhere {${message.length}+}\r\n${message}\r\n`,
  '$ IDLE\r\n',
  'DONE\r\n',
  '$ ENABLE CONDSTORE X\r\n',
  '$ ID ("name" "x" "version" NIL)\r\n',
  '$ LIST "" *\r\n',
  '$ LSUB "" %\r\n',
  '$ STATUS INBOX (MESSAGES UIDNEXT RECENT HIGHESTMODSEQ)\r\n',
  '$ CREATE a/b\r\n',
  '$ RENAME a c\r\n',
  '$ DELETE c/b\r\n',
  '$ SUBSCRIBE d\r\n',
  '$ SEARCH OR FROM "x" NOT (SEEN UID 1:*)\r\n',
  '$ UID SEARCH CHARSET UTF-8 TEXT {2+}\r\n\xc3\xa9\r\n',
  '$ LOGOUT\r\n',
];

/** Literals of any size that are, or are not, waited for; broken quoting, numbers, depth, octets, floods. */
const unlikely = [
  '$ APPEND INBOX {0}\r\n\r\n',
  '$ APPEND INBOX {0+}\r\n\r\n',
  '$ APPEND INBOX {60000000}\r\n',
  '$ APPEND INBOX (\\Seen {3+}\r\nabc) {3+}\r\nabc\r\n',
  '$ APPEND INBOX {3+}\r\nabc {3+}\r\nabc\r\n',
  '$ APPEND INBOX {3}\r\nabc more\r\n',
  '$ APPEND INBOX "no date" {3+}\r\nabc\r\n',
  '$ APPEND\r\n',
  '$ LOGIN {300000}\r\n',
  '$ NOOP {2+}\r\nab {2}\r\ncd\r\n',
  '$ BLURDYBLOOP {102856}\r\n',
  '$ BLURDYBLOOP {4+}\r\nabcd {4}\r\n',
  '$ LOGIN "a\\"b" "c\\d"\r\n',
  '$ LOGIN "a b\r\n',
  '$ SELECT "a\0b"\r\n',
  '$ SELECT "&"\r\n',
  '$ SELECT \xff\xfe\r\n',
  '$ STORE 0 FLAGS ()\r\n',
  '$ STORE 1:4294967296 FLAGS ()\r\n',
  '$ UID STORE 4294967295 FLAGS (\\Recent)\r\n',
  '$ STORE 1 FLAGS (\\Nonsense)\r\n',
  '$ STORE 1 (UNCHANGEDSINCE 99999999999999999999) FLAGS ()\r\n',
  '$ UID FETCH 1:99999999999999999999 FLAGS\r\n',
  '$ FETCH 1 (((((((FLAGS)))))))\r\n',
  `$ SEARCH ${'('.repeat(200)}ALL${')'.repeat(200)}\r\n`,
  `$ ENABLE${' X'.repeat(5_000)}\r\n`,
  `$ COPY ${'1,'.repeat(10_000)}1 Archive\r\n`,
  `$ NOOP ${'{1+}\r\nx '.repeat(300)}\r\n`,
  `${'x'.repeat(70_000)}\r\n`,
  'NOOP\r\n'.repeat(10),
  '$ uid\r\n',
  '$ UID NOOP\r\n',
  '* OK\r\n',
  '+ \r\n',
  '$\r\n',
  '$ \r\n',
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '{3}',
  '{3+}\r\n',
  '"',
  '(',
  '$ ',
  '\xff',
];

/** Brings a session to where its next line is a command, but in a literal without end. */
const resync = `${'x'.repeat(200)}\r\n*\r\nDONE\r\n$ NOOP\r\n`;

/** The pieces of `input`, each as long as `cut` says. */
function cutAt(input: Buffer, cut: () => number): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < input.length; at += pieces.at(-1)?.length ?? 0)
    pieces.push(input.subarray(at, at + Math.max(1, Math.floor(cut()))));
  return pieces;
}

interface Played {
  readonly said: Buffer;
  readonly ended: boolean;
}

/** Plays `input`, cut where `cut` says, to a new server with three messages. */
async function play(input: Buffer, cut: () => number): Promise<Played> {
  const server = await ImapServer.open({ table });
  await server.direct('messages', '3');
  const session = await server.session('tls');
  const chunks: Buffer[] = [];
  for (let at = 0; at < input.length;) {
    const end = at + Math.max(1, Math.floor(cut()));
    chunks.push(input.subarray(at, end));
    at = end;
  }
  await session.recorded.send(chunks);
  const said = heard(session);
  const { ended } = session.recorded;
  await session.recorded.close();
  await server.finish();
  return { said, ended };
}

/** All that was said since the last time, octet by octet. */
function heard({ recorded }: ImapSession): Buffer {
  return Buffer.concat(
    recorded.said().flatMap(({ octets, whole }) => (whole ? [octets, Buffer.from('\r\n')] : [octets])),
  );
}

/** Tags are answered once and in order, and the session says BYE where it ends. */
function checkAnswers({ said, ended }: Played): readonly Response[] {
  const responses = readResponses(said);
  assert.deepEqual(responses[0]?.kind, 'status');
  // Another tag is of a piece of something.
  const tags = responses.flatMap((each) =>
    each.kind === 'tagged' && /^t\d+$/.test(each.tag) ? [Number(each.tag.slice(1))] : [],
  );
  assert.deepEqual(
    tags,
    [...new Set(tags)].toSorted((one, other) => one - other),
  );
  const byes = responses.filter((each) => each.kind === 'status' && each.status === 'BYE');
  assert.equal(byes.length, ended ? 1 : 0);
  return responses;
}

test('any split of the bytes gives the same answers, and the session goes on or says BYE', async () => {
  const random = seededRandom(3501);
  const pick = (pieces: readonly string[]) => pieces[Math.floor(random() * pieces.length)] ?? '';
  const seen = { loggedIn: 0, selected: 0, refused: 0, ended: 0, wentOn: 0 };
  for (let round = 0; round < rounds; round++) {
    const pieces = Array.from({ length: 1 + Math.floor(random() * 20) }, () =>
      pick(random() < 0.7 ? likely : unlikely),
    );
    // Most sessions log in first, and select.
    if (random() < 0.7) pieces.unshift(likely[0] ?? '', ...(random() < 0.7 ? ['$ SELECT INBOX\r\n'] : []));
    let tags = 0;
    const text = [...pieces, resync].join('').replaceAll('$', () => `t${(tags += 1)}`);
    const input = Buffer.from(text.replaceAll(/\(t\d+ ?Work/g, '($Work'), 'latin1');
    try {
      const whole = await play(input, () => input.length);
      const responses = checkAnswers(whole);
      const said = whole.said.toString('latin1');
      if (/OK \[CAPABILITY[^\]]*\] (?:LOGIN|AUTHENTICATE)/.test(said)) seen.loggedIn += 1;
      if (said.includes('] SELECT completed')) seen.selected += 1;
      if (responses.some((each) => each.kind === 'tagged' && each.status !== 'OK')) seen.refused += 1;
      const last = responses.at(-1);
      const wentOn = last?.kind === 'tagged' && last.tag === `t${tags}` && last.status === 'OK';
      seen[whole.ended ? 'ended' : 'wentOn'] += 1;
      assert.ok(whole.ended || wentOn, 'the session hangs');
      const most = input.length < 500 && random() < 0.3 ? 1 : 10 + input.length / 20;
      const cut = await play(input, () => 1 + random() * most);
      assert.equal(cut.said.toString('latin1'), said);
      assert.equal(cut.ended, whole.ended);
    } catch (error) {
      throw new Error(`round ${round}: ${JSON.stringify(input.toString('latin1'))}`, { cause: error });
    }
  }
  for (const [what, times] of Object.entries(seen))
    assert.ok(times > rounds / 20, `too clumsy: ${what} ${times} of ${rounds}`);
});

test('random octets are answered well-formed', async () => {
  const random = seededRandom(2683);
  const frequent = Buffer.from('\r\n\r\n\r\n      aaaa{}+*"\\()019%');
  const server = await ImapServer.open({ table });
  await server.direct('messages', '3');
  for (let round = 0; round < rounds; round++) {
    const octets = Array.from({ length: random() * 300 }, () =>
      random() < 0.6 ? (frequent[Math.floor(random() * frequent.length)] ?? 0) : Math.floor(random() * 256),
    );
    const session = await sessionIn(server, random() < 0.5 ? 'selected' : 'notAuthenticated');
    await session.recorded.send(cutAt(Buffer.from(octets), () => 1 + random() * 50));
    readResponses(heard(session));
    await session.recorded.close();
  }
  await server.finish();
});

const suffixes: readonly string[] = [
  '',
  ' ',
  ' 1',
  ' *',
  ' 1:* ',
  ' 4294967296 x',
  ' INBOX',
  ' "" *',
  ' INBOX (MESSAGES)',
  ' 1 FLAGS',
  ' 1 +FLAGS (\\Seen)',
  ' 1 Archive',
  ' PLAIN =',
  ' PLAIN',
  ' (',
  ' ()',
  ' NIL',
  ' "',
  ' {3}',
  ' {3+}\r\nabc',
  ' {99999999999999999999}',
  ' \u00fc\0',
  ` ${'('.repeat(1_000)}`,
  ` ${'y'.repeat(20_000)}`,
];

/** A session in that state. */
async function sessionIn(server: ImapServer, state: State): Promise<ImapSession> {
  const session = await server.session('tls');
  if (state !== 'notAuthenticated') await session.logIn();
  if (state === 'selected') await session.ok('SELECT INBOX');
  heard(session);
  return session;
}

for (const state of everyState)
  test(`every command in the state ${state} has one answer, whatever its arguments`, async () => {
    const server = await ImapServer.open({ table });
    await server.direct('limit', 'badCommands 1000000');
    await server.direct('limit', 'authFailures 1000000');
    await server.direct('messages', '2');
    let session = await sessionIn(server, state);
    for (const [name, { states }] of imapRegistry.commands)
      for (const suffix of suffixes) {
        await session.recorded.send([Buffer.from(`t1 ${name}${suffix}\r\n`, 'latin1')]);
        const responses = readResponses(heard(session));
        const [last] = responses.slice(-1);
        const answers = responses.filter(({ kind }) => kind === 'tagged' || kind === 'continue');
        assert.equal(answers.length, 1, `${name}${suffix}: ${JSON.stringify(responses)}`);
        assert.equal(answers[0], last);
        if (last?.kind === 'tagged') assert.equal(last.tag, 't1');
        if (!states.includes(state)) assert.ok(last?.kind === 'tagged' && last.status === 'BAD', name);
        if (last?.kind === 'tagged' && last.status === 'BAD') continue;
        await session.recorded.close();
        session = await sessionIn(server, state);
      }
    await session.recorded.close();
    await server.finish();
  });
