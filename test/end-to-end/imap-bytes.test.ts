/** What came by SMTP or APPEND is read by IMAP byte for byte, whole, in pieces and in parts, from 1 octet to 50 MB. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { emptyMailbox, fetchedMessages, imapFlow } from './imap-client.ts';
import { ImapDialog } from './imap-dialog.ts';
import { messagesOf, traceBefore, type User } from './maildrop.ts';
import { TestPosta } from './posta.ts';
import { header, largeMessageOf, messageOf } from './random-message.ts';
import { peakMemory, residentBytes } from './resident-bytes.ts';
import { deliver, greeted, sendByBdat } from './smtp-dialog.ts';

const paco: User = { user: 'paco@example.test', password: 'paco-password' };
const envelope = { from: 'someone@elsewhere.test', to: [paco.user] };
/** The default of `--max-message-size`. */
const limitBytes = 50 * 2 ** 20;

let posta: TestPosta;
before(async () => {
  posta = await TestPosta.start();
});
after(() => posta[Symbol.asyncDispose]());

/** imapflow with an empty INBOX open. */
async function emptyInbox() {
  const client = await imapFlow(posta, paco);
  await client.mailboxOpen('INBOX');
  await emptyMailbox(client);
  return client;
}

/** The one message, whole, as a session by hand reads it. */
async function readByHand(fetched: string): Promise<Buffer> {
  using dialog = await ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' });
  const { untagged } = await dialog.ok(`FETCH 1 ${fetched}`);
  const responses = untagged.filter(({ text }) => text.startsWith('1 FETCH '));
  return Buffer.concat(responses.flatMap(({ literals }) => literals));
}

const everyOctet = Buffer.concat([
  Buffer.from(header),
  Buffer.from(Array.from({ length: 256 }, (_, at) => at)),
  Buffer.from('\r\n'),
]);

const messages: readonly (readonly [string, () => Buffer])[] = [
  ['of one octet', () => Buffer.from('a')],
  ['of one line end', () => Buffer.from('\r\n')],
  ['with a header alone', () => Buffer.from('Subject: no body\r\n')],
  ['whose header has no end', () => Buffer.from('Subject: open')],
  ['whose last line has no end', () => Buffer.from('Subject: open\r\n\r\nno end')],
  ['with an empty body', () => Buffer.from('Subject: empty\r\n\r\n')],
  ['that begins with an empty line', () => Buffer.from('\r\nSubject: body\r\n')],
  ['that looks like a response', () => Buffer.from('Subject: x\r\n\r\n* BYE\r\n)\r\n{10}\r\nt1 OK\r\n')],
  ['with one line of 1 MB', () => Buffer.from(`${header}${'.'.repeat(2 ** 20)}\r\n`)],
  ...[64, 256].flatMap((kilobytes) =>
    [-1, 0, 1].map((more) => {
      const size = kilobytes * 1024 + more;
      return [`of ${size} octets`, () => messageOf(size)] as const;
    }),
  ),
  ['of 5 MB', () => messageOf(5 * 2 ** 20)],
];

suite('a message', () => {
  for (const [name, make] of messages)
    test(`${name} is read as it was sent by SMTP and as it was given to APPEND`, async () => {
      const message = make();
      const client = await emptyInbox();
      using smtp = await greeted(posta.ports.smtp);
      assert.match(await sendByBdat(smtp, { ...envelope, message }, 100_000), /^250 /);
      const [delivered] = await fetchedMessages(client, 1);
      traceBefore(delivered?.source ?? Buffer.alloc(0), message);
      assert.equal(delivered?.size, delivered?.source?.length);
      assert.deepEqual(await readByHand('BODY.PEEK[]'), delivered?.source);
      await emptyMailbox(client);
      await client.append('INBOX', message);
      const [appended] = await fetchedMessages(client, 1);
      assert.ok(appended?.source?.equals(message), 'it came back changed');
      assert.equal(appended?.size, message.length);
      for (const item of ['BODY.PEEK[]', 'RFC822'])
        assert.ok((await readByHand(item)).equals(message), `${item} is something else`);
      await client.logout();
    });

  test('with every octet, NUL and bare CR and LF among them, is read as it was given to APPEND', async () => {
    const client = await emptyInbox();
    using dialog = await ImapDialog.logIn(posta, paco);
    assert.match((await dialog.append('INBOX', everyOctet)).tagged, /^OK \[APPENDUID /);
    assert.ok((await readByHand('BODY.PEEK[]')).equals(everyOctet));
    await client.logout();
  });

  test('is the sum of its header and text, and of pieces of any size', async () => {
    const client = await emptyInbox();
    const message = messageOf(200_000);
    await client.append('INBOX', message);
    const half = readByHand('BODY.PEEK[HEADER]');
    assert.deepEqual(Buffer.concat([await half, await readByHand('BODY.PEEK[TEXT]')]), message);
    assert.deepEqual(await readByHand('(RFC822.HEADER RFC822.TEXT)'), message);
    for (const octets of [1_000, 65_536, 199_999, 200_000, 300_000]) {
      const pieces = Array.from({ length: Math.ceil(message.length / octets) }, (_, piece) =>
        Math.floor(piece * octets),
      );
      const items = pieces.map((from) => `BODY.PEEK[]<${from}.${octets}>`);
      const read: Buffer[] = [];
      for (const item of items) read.push(await readByHand(item));
      assert.ok(Buffer.concat(read).equals(message), `in pieces of ${octets}`);
    }
    assert.equal((await readByHand('BODY.PEEK[]<200000.1>')).length, 0);
    await client.logout();
  });

  test('with attachments has parts that imapflow downloads as they were', async () => {
    const client = await emptyInbox();
    const attachment = messageOf(300_000, 7);
    const base64 = attachment.toString('base64').replace(/.{76}/g, '$&\r\n');
    const message = [
      'Content-Type: multipart/mixed; boundary=b',
      '',
      'before',
      '--b',
      '',
      'text of the first part',
      '--b',
      'Content-Type: application/octet-stream; name=any.bin',
      'Content-Transfer-Encoding: base64',
      'Content-Disposition: attachment; filename="=?utf-8?q?a=C3=B1o.bin?="',
      '',
      base64,
      '--b--',
      'behind',
      '',
    ].join('\r\n');
    await deliver(posta.ports.smtp, { ...envelope, message });
    await fetchedMessages(client, 1);
    const one = await client.fetchOne('*', { bodyStructure: true });
    assert.ok(one);
    assert.deepEqual(
      one.bodyStructure?.childNodes?.map(({ part, type, size }) => ({ part, type, size })),
      [
        { part: '1', type: 'text/plain', size: 'text of the first part'.length },
        { part: '2', type: 'application/octet-stream', size: base64.length },
      ],
    );
    const { meta, content } = await client.download('*', '2');
    assert.equal(meta?.filename, 'año.bin');
    const chunks: Buffer[] = [];
    for await (const chunk of content ?? []) chunks.push(chunk as Buffer);
    assert.ok(Buffer.concat(chunks).equals(attachment));
    await client.logout();
  });

  test('has its INTERNALDATE and flags from APPEND', async () => {
    const client = await emptyInbox();
    const date = new Date('2019-02-03T04:05:06Z');
    await client.append('INBOX', 'Subject: old\r\n\r\nx\r\n', ['\\Seen', '\\Draft', '$Label1'], date);
    const [message] = await fetchedMessages(client, 1);
    assert.deepEqual(message?.internalDate, date);
    assert.deepEqual([...(message.flags ?? [])].filter((flag) => flag !== '\\Recent').toSorted(), [
      '$Label1',
      '\\Draft',
      '\\Seen',
    ]);
    await client.logout();
  });
});

suite('messages at the limit', () => {
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

  test('four of 50 MB are appended and read at once, and the server never holds as much as four of them', async (t) => {
    const client = await emptyInbox();
    const message = largeMessageOf(limitBytes);
    const expected = digest(message);
    const idle = residentBytes(posta);
    const peak = await peakMemory(posta, async () => {
      const numbers = [1, 2, 3, 4];
      await Promise.all(
        numbers.map(async () => {
          using dialog = await ImapDialog.logIn(posta, paco);
          assert.match((await dialog.append('INBOX', message)).tagged, /^OK \[APPENDUID /);
        }),
      );
      await Promise.all(
        numbers.map(async (number) => {
          using dialog = await ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' });
          const { untagged } = await dialog.ok(`FETCH ${number} BODY.PEEK[]`);
          const [read] = untagged.find(({ text }) => text.startsWith(`${number} FETCH`))?.literals ?? [];
          assert.equal(read && digest(read), expected);
        }),
      );
    });
    t.diagnostic(`${Math.round((peak - idle) / 2 ** 20)} MB above idle at the most`);
    assert.ok(peak - idle < 150 * 2 ** 20, `${Math.round((peak - idle) / 2 ** 20)} MB above idle`);
    await emptyMailbox(client);
    await client.logout();
  });

  test('one of 50 MB that came by SMTP is read by imapflow, by hand and by POP3', async () => {
    const client = await emptyInbox();
    using smtp = await greeted(posta.ports.smtp);
    const message = largeMessageOf(limitBytes);
    assert.match(await sendByBdat(smtp, { ...envelope, message }, 10 * 2 ** 20), /^250 /);
    const [delivered] = await fetchedMessages(client, 1);
    assert.ok(delivered?.source);
    traceBefore(delivered.source, message);
    const expected = digest(delivered.source);
    assert.equal(digest(await readByHand('BODY.PEEK[]')), expected);
    const [byPop3] = await messagesOf(posta, paco, 1);
    assert.equal(byPop3 && digest(byPop3), expected);
    await emptyMailbox(client);
    await client.logout();
  });

  test('one octet more is refused before it is sent, and dropped where the client does not wait', async () => {
    using dialog = await ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' });
    assert.match((await dialog.command(`APPEND INBOX {${limitBytes + 1}}`)).tagged, /^NO \[TOOBIG\] /);
    const tag = dialog.send(`APPEND INBOX {${limitBytes + 1}+}`);
    const line = Buffer.from('x LOGOUT\r\n');
    dialog.sendOctets(Buffer.alloc(limitBytes + 1, line));
    dialog.sendOctets('\r\n');
    assert.match((await dialog.answer(tag)).tagged, /^NO \[TOOBIG\] /);
    assert.match((await dialog.append('INBOX', 'Subject: fits\r\n\r\n')).tagged, /^OK /);
    assert.equal((await dialog.messages()).length, 1);
  });
});
