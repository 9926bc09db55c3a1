/** What was sent comes back byte for byte: of any size up to the limit, by DATA and by BDAT, whatever the octets are. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import {
  logIn,
  logInTo,
  messagesOf,
  nodePop3,
  retrieveByNodePop3,
  takeMessage,
  traceBefore,
  type User,
} from './maildrop.ts';
import { TestPosta } from './posta.ts';
import { header, largeMessageOf, messageOf } from './random-message.ts';
import { peakMemory, residentBytes } from './resident-bytes.ts';
import { beginTransaction, dotStuffed, greeted, sendByBdat, sendByData } from './smtp-dialog.ts';

const paco: User = { user: 'paco@example.test', password: 'paco-password' };
const from = 'someone@elsewhere.test';
const envelope = { from, to: [paco.user] };
/** The default of `--max-message-size`. */
const limitBytes = 50 * 2 ** 20;

let posta: TestPosta;
before(async () => {
  posta = await TestPosta.start();
});
after(() => posta[Symbol.asyncDispose]());

const lines = (...text: string[]) => Buffer.from(text.map((line) => `${line}\r\n`).join(''), 'latin1');

const everyOctet = Buffer.concat([
  Buffer.from(header),
  Buffer.from(Array.from({ length: 256 }, (_, at) => at).filter((octet) => octet !== 10 && octet !== 13)),
  Buffer.from('\r\n'),
]);

/** What POP3 shows of a message: it ends with CRLF (RFC 1939 section 3), unless it has not even a line. */
function asRetrieved(message: Buffer): Buffer {
  const whole = message.length === 0 || message.subarray(-2).equals(Buffer.from('\r\n'));
  return whole ? message : Buffer.concat([message, Buffer.from('\r\n')]);
}

const dataMessages: readonly [string, () => Buffer][] = [
  ['without a single octet', () => Buffer.alloc(0)],
  ['that is an empty line', () => lines('')],
  ['of one letter', () => lines('a')],
  ['of one dot', () => lines('.')],
  ['with a header alone', () => lines('Subject: no body')],
  ['with an empty body', () => lines('Subject: empty body', '')],
  [
    'of lines of 998 octets',
    () => lines('Subject: long', '', 'x'.repeat(998), '.'.repeat(998), 'y'.repeat(998)),
  ],
  ['with one line of 1 MB', () => lines('Subject: one line', '', '.'.repeat(2 ** 20))],
  ['with every octet', () => everyOctet],
  ['of NULs', () => lines('Subject: nul', '', '\0'.repeat(5000), '\0', '')],
  ['of dots everywhere', () => lines('.', '..', '...', '', '.', ' .', '.a', '..a', '', '.', '')],
  ['that begins with an empty line and looks like a header', () => lines('', 'Subject: body', '', 'x')],
];

for (const [name, make] of dataMessages)
  test(`a message ${name} comes back by DATA and by BDAT`, async () => {
    using client = await greeted(posta.ports.smtp);
    const message = make();
    assert.match(await sendByData(client, { ...envelope, message }), /^250 /);
    assert.match(await sendByBdat(client, { ...envelope, message }, 100_000), /^250 /);
    const pop3 = nodePop3(posta, paco, { tls: false });
    const messages = await messagesOf(posta, paco, 2);
    for (const [index, stored] of messages.entries()) {
      traceBefore(stored, message);
      assert.ok((await retrieveByNodePop3(pop3, index + 1)).equals(stored), 'node-pop3 reads something else');
      await pop3.DELE(index + 1);
    }
    await pop3.QUIT();
  });

for (const [name, text] of [
  ['of one octet', 'a'],
  ['that is one dot', '.'],
  ['whose last line has no end', 'Subject: open\r\n\r\nno end'],
  ['whose header has no end', 'Subject: open'],
  ['that ends with what ends DATA', 'Subject: dot\r\n\r\n\r\n.\r\n'],
  ['in chunks that split every CRLF', 'Subject: s\r\n\r\n.\r\n..\r\n\r\n'],
] as const)
  test(`a message ${name} comes back by BDAT, in chunks of any size`, async () => {
    using client = await greeted(posta.ports.smtp);
    const message = Buffer.from(text);
    for (const chunkBytes of [1, 3, 1000]) {
      assert.match(await sendByBdat(client, { ...envelope, message }, chunkBytes), /^250 /);
      traceBefore(await takeMessage(posta, paco), asRetrieved(message));
    }
  });

test('an empty last chunk ends a message', async () => {
  using client = await greeted(posta.ports.smtp);
  await beginTransaction(client, envelope);
  client.send('BDAT 3\r\na\r\n');
  assert.match(await client.reply(), /^250 /);
  assert.match(await client.command('BDAT 0 LAST'), /^250 /);
  traceBefore(await takeMessage(posta, paco), 'a\r\n');
});

suite('at the sizes where storage changes its ways', () => {
  for (const around of [64 * 1024, 256 * 1024])
    test(`messages around ${around / 1024} KB come back by DATA and by BDAT`, async () => {
      using client = await greeted(posta.ports.smtp);
      const sizes = [around - 1, around, around + 1];
      for (const size of sizes) {
        const message = messageOf(size);
        assert.match(await sendByData(client, { ...envelope, message }), /^250 /);
        assert.match(await sendByBdat(client, { ...envelope, message }, 65_537), /^250 /);
      }
      const pop3 = nodePop3(posta, paco, { tls: true });
      const messages = await messagesOf(posta, paco, 2 * sizes.length);
      for (const [index, stored] of messages.entries()) {
        traceBefore(stored, messageOf(sizes[Math.floor(index / 2)] ?? 0));
        assert.ok((await retrieveByNodePop3(pop3, index + 1)).equals(stored));
        await pop3.DELE(index + 1);
      }
      await pop3.QUIT();
    });

  test('a message of 5 MB comes back through node-pop3 over TLS', async () => {
    using client = await greeted(posta.ports.smtp);
    const message = messageOf(5 * 2 ** 20);
    assert.match(await sendByData(client, { ...envelope, message }), /^250 /);
    const stored = await takeMessageByNodePop3();
    traceBefore(stored, message);
  });

  async function takeMessageByNodePop3(): Promise<Buffer> {
    await messagesOf(posta, paco, 1);
    const pop3 = nodePop3(posta, paco, { tls: true });
    const stored = await retrieveByNodePop3(pop3, 1);
    await pop3.DELE(1);
    await pop3.QUIT();
    return stored;
  }
});

suite('messages at the limit', () => {
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

  test('four of 50 MB at once come back, and the server never holds as much as four of them', async (t) => {
    const filled = largeMessageOf(limitBytes);
    const idle = residentBytes(posta);
    const peak = await peakMemory(posta, async () => {
      const replies = [1, 2, 3, 4].map(async (number) => {
        using session = await greeted(posta.ports.smtp);
        const sending = { ...envelope, message: filled };
        return number % 2 === 0
          ? await sendByData(session, sending)
          : await sendByBdat(session, sending, 10 * 2 ** 20);
      });
      for (const reply of await Promise.all(replies)) assert.match(reply, /^250 /);
      await (await logInTo(posta, paco, 4)).pop3('QUIT');
      const expected = digest(filled);
      const pop3 = nodePop3(posta, paco, { tls: true });
      const last = await retrieveByNodePop3(pop3, 4);
      assert.equal(digest(last.subarray(-limitBytes)), expected, 'by node-pop3');
      await pop3.QUIT();
      using session = await logIn(posta, paco);
      for (const number of [1, 2, 3, 4]) {
        const stored = await session.pop3Body(`RETR ${number}`);
        assert.equal(digest(stored.subarray(-limitBytes)), expected, `message ${number}`);
        await session.pop3(`DELE ${number}`);
      }
      await session.pop3('QUIT');
    });
    t.diagnostic(`${Math.round((peak - idle) / 2 ** 20)} MB above idle at the most`);
    assert.ok(peak - idle < 150 * 2 ** 20, `${Math.round((peak - idle) / 2 ** 20)} MB above idle`);
  });

  test('one octet more is refused with 552, and the session goes on', async () => {
    using client = await greeted(posta.ports.smtp);
    const over = Buffer.concat([
      Buffer.from(header),
      Buffer.alloc(limitBytes - header.length - 1, 'x'),
      lines(''),
    ]);
    assert.equal(over.length, limitBytes + 1);
    assert.match(await sendByData(client, { ...envelope, message: over }), /^552 5\.3\.4 /);
    assert.match(await client.command(`MAIL FROM:<${from}> SIZE=${limitBytes + 1}`), /^552 5\.3\.4 /);
    const message = lines('Subject: after the large ones', '', 'x');
    assert.match(await sendByData(client, { ...envelope, message }), /^250 /);
    traceBefore(await takeMessage(posta, paco), message);
  });

  test('what looks like commands in a body that is too large is not run', async () => {
    await using small = await TestPosta.start({ args: ['--max-message-size', '1000'] });
    using session = await greeted(small.ports.smtp);
    const smuggled = `MAIL FROM:<${from}>\r\nRCPT TO:<${paco.user}>\r\nDATA\r\nsmuggled\r\n..\r\n`;
    const message = Buffer.from(header + 'x'.repeat(1000) + `\r\n${smuggled.repeat(5)}`);
    assert.match(await sendByData(session, { ...envelope, message }), /^552 5\.3\.4 /);
    for (const chunkBytes of [message.length, 500])
      assert.match(await sendByBdat(session, { ...envelope, message }, chunkBytes), /^552 5\.3\.4 /);
    assert.match(await session.command('NOOP'), /^250 2\.0\.0 OK$/);
    session.send(`MAIL FROM:<${from}>\r\nRCPT TO:<${paco.user}>\r\nDATA\r\n`);
    for (const code of ['250', '250', '354']) assert.ok((await session.reply()).startsWith(code));
    session.send(dotStuffed(Buffer.from(`${header}fits\r\n`)));
    assert.match(await session.command('.'), /^250 /);
    traceBefore(await takeMessage(small, paco), `${header}fits\r\n`);
    // What is far too large is not even read.
    await beginTransaction(session, envelope);
    assert.match(await session.command('BDAT 1000000000000 LAST'), /^552 5\.3\.4 /);
    assert.match(await session.rest(), /^421 4\.7\.0 /);
  });
});
