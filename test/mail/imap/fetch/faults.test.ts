/** FETCH where something is wrong with what is stored, or cannot be read. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sideObjectKey } from '../../../../mail/mailbox/index-record.ts';
import { indexKey } from '../../../../mail/mailbox/keys.ts';
import { mailboxNamed, StagedTable, temporaryTable, uidOf } from '../../mailbox/mail-kit.ts';
import type { Key, Table } from '../../../../mail/ports/table.ts';
import { ImapServer } from '../imap-server.ts';
import type { ImapSession } from '../imap-session.ts';

const { table, [Symbol.asyncDispose]: dispose } = await temporaryTable();
after(dispose);

const text = (number: number) => Buffer.from(`Subject: message ${number}\r\n\r\nText ${number}\r\n`);

/** A server with messages, and a session that has them selected. */
async function opened(...messages: readonly Uint8Array[]) {
  return openedOn(table, messages);
}

async function openedOn(on: Table, messages: readonly Uint8Array[]) {
  const server = await ImapServer.open({ table: on });
  for (const message of messages) await server.deliver(message);
  const session = await server.session('tls');
  await session.logIn();
  await session.ok('SELECT INBOX');
  return { server, session };
}

/** The keys of the messages' octets, in order; those of side objects are not among them. */
function keysIn({ memory }: ImapServer): readonly string[] {
  return [...memory.stored.keys()].filter((key) => key.endsWith('.eml'));
}

async function closed(server: ImapServer, session: ImapSession, faults: number): Promise<void> {
  await session.recorded.close();
  await server.direct('faults', String(faults));
  await server.finish();
}

test('a message whose octets are lost is NIL, and the others are told', async () => {
  const { server, session } = await opened(text(1), text(2), text(3));
  server.memory.stored.delete(keysIn(server)[1] ?? '');
  assert.deepEqual(await session.say('a FETCH 1:3 (UID BODY.PEEK[TEXT])'), [
    '* 1 FETCH (UID 1 BODY[TEXT] {8}',
    'Text 1',
    ')',
    '* 2 FETCH (UID 2 BODY[TEXT] NIL)',
    '* 3 FETCH (UID 3 BODY[TEXT] {8}',
    'Text 3',
    ')',
    'a NO [SERVERBUG] Some messages cannot be read: ask the postmaster',
  ]);
  assert.match(server.faults.join(), /no blob has the key incoming\/[0-9a-f]+\.eml/);
  await closed(server, session, 1);
});

test('octets that end before a literal begins are NIL', async () => {
  const { server, session } = await opened(text(1));
  server.memory.stored.set(keysIn(server)[0] ?? '', Buffer.from('Subject: '));
  assert.deepEqual(await session.say('a FETCH 1 (BODY.PEEK[TEXT] FLAGS)'), [
    '* 1 FETCH (BODY[TEXT] NIL FLAGS (\\Recent))',
    'a NO [SERVERBUG] Some messages cannot be read: ask the postmaster',
  ]);
  await closed(server, session, 1);
});

test('octets that end within a literal end the connection, and nothing is taken for them', async () => {
  const { server, session } = await opened(text(1), text(2));
  server.memory.stored.set(keysIn(server)[0] ?? '', text(1).subarray(0, -4));
  assert.deepEqual(await session.say('a FETCH 1:2 (BODY.PEEK[TEXT] FLAGS)', 'b NOOP'), [
    '* 1 FETCH (BODY[TEXT] {8}',
    'Text',
  ]);
  assert.ok(session.recorded.ended);
  assert.match(server.faults.join(), /has 4 octets of 8 from 22 on/);
  await closed(server, session, 1);
});

test('a header that must be read and cannot be is NIL', async () => {
  const message = Buffer.from('Received: from a\r\nSubject: x\r\n\r\n');
  const { server, session } = await opened(message);
  await server.direct('fault', 'read');
  assert.deepEqual(
    await session.say('a FETCH 1 (BODY.PEEK[HEADER.FIELDS (Received)] BODY.PEEK[HEADER.FIELDS (Subject)])'),
    [
      '* 1 FETCH (BODY[HEADER.FIELDS (Received)] NIL BODY[HEADER.FIELDS (Subject)] {14}',
      'Subject: x',
      '',
      ')',
      'a NO [SERVERBUG] Some messages cannot be read: ask the postmaster',
    ],
  );
  await server.direct('fault', 'none');
  server.memory.stored.set(keysIn(server)[0] ?? '', message.subarray(0, 5));
  const [first] = await session.say('b FETCH 1 BODY.PEEK[HEADER.FIELDS (Received)]');
  assert.equal(first, '* 1 FETCH (BODY[HEADER.FIELDS (Received)] NIL)');
  await closed(server, session, 2);
});

test('a message whose index is lost is left out, and the others are told', async () => {
  const parts = '--b\r\n\r\n\r\n'.repeat(2_000);
  const large = Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${parts}--b--\r\n`);
  const { server, session } = await opened(text(1), large, text(3));
  const key = keysIn(server)[1] ?? '';
  assert.ok(
    server.memory.stored.delete(sideObjectKey(key)),
    'the index of a large structure is a side object',
  );
  assert.deepEqual(await session.say('a FETCH 1:3 (UID BODY)'), [
    '* 1 FETCH (UID 1 BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 8 1))',
    '* 3 FETCH (UID 3 BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 8 1))',
    'a NO [SERVERBUG] Some messages cannot be read: ask the postmaster',
  ]);
  assert.deepEqual(await session.say('b UID FETCH 2 (FLAGS)'), [
    '* 2 FETCH (UID 2 FLAGS (\\Recent))',
    'b OK UID FETCH completed',
  ]);
  await closed(server, session, 1);
});

/** The index of the message with that uid is no longer in the table. */
async function loseIndex(server: ImapServer, uid: number): Promise<void> {
  const key = indexKey(await mailboxNamed(server.mail(), 'INBOX'), uidOf(uid));
  await table.commit([{ kind: 'delete', key }], { until: 'visible' });
}

test('a message that the mailbox shows and that has no index is a fault', async () => {
  const { server, session } = await opened(text(1), text(2));
  await loseIndex(server, 1);
  assert.deepEqual(await session.say('a FETCH 1:2 RFC822.TEXT'), [
    '* 2 FETCH (RFC822.TEXT {8}',
    'Text 2',
    ' FLAGS (\\Seen \\Recent))',
    '* 1 FETCH (FLAGS (\\Seen \\Recent))',
    'a NO [SERVERBUG] Some messages cannot be read: ask the postmaster',
  ]);
  assert.match(server.faults.join(), /shows uid 1, which has no index/);
  await closed(server, session, 1);
});

test('a message that is expunged and forgotten is left out, and the client is told where it asked by number', async () => {
  const { server, session } = await opened(text(1), text(2));
  await server.direct('expunge', '1');
  await loseIndex(server, 1);
  assert.deepEqual(await session.say('a FETCH 1:2 (UID BODY.PEEK[TEXT])'), [
    '* 2 FETCH (UID 2 BODY[TEXT] {8}',
    'Text 2',
    ')',
    'a NO [EXPUNGEISSUED] Some of these messages no longer exist',
  ]);
  assert.deepEqual(await session.say('b FETCH 1 UID'), ['* 1 FETCH (UID 1)', 'b OK FETCH completed']);
  assert.deepEqual(await session.say('c UID FETCH 1 BODY'), ['* 1 EXPUNGE', 'c OK UID FETCH completed']);
  await closed(server, session, 0);
});

test('where nothing can be written a message is read all the same, and the client is warned', async () => {
  const staged = new StagedTable(table);
  const { server, session } = await openedOn(staged, [text(1)]);
  staged.faultFor = () => 'throttled';
  assert.deepEqual(await session.say('a FETCH 1 (BODY[TEXT] FLAGS)'), [
    '* NO [UNAVAILABLE] Temporary fault on this server: try again later',
    '* 1 FETCH (BODY[TEXT] {8}',
    'Text 1',
    ' FLAGS (\\Recent))',
    'a OK FETCH completed',
  ]);
  await closed(server, session, 1);
});

class AwayTable extends StagedTable {
  away = false;
  override getMany(keys: readonly Key[]) {
    return this.away ? Promise.reject(new Error('the table is away')) : super.getMany(keys);
  }
}

test('a table that cannot be read fails the command, and the session goes on', async () => {
  const staged = new AwayTable(table);
  const { server, session } = await openedOn(staged, [text(1)]);
  staged.away = true;
  assert.deepEqual(await session.say('a FETCH 1 (FLAGS ENVELOPE)'), [
    'a NO [UNAVAILABLE] Temporary fault on this server: try again later',
  ]);
  staged.away = false;
  assert.deepEqual(await session.say('b FETCH 1 (FLAGS BODY)'), [
    '* 1 FETCH (FLAGS (\\Recent) BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 8 1))',
    'b OK FETCH completed',
  ]);
  await closed(server, session, 1);
});

test('the log counts the messages whose bodies were sent', async () => {
  const { server, session } = await opened(text(1), text(2), text(3));
  server.memory.stored.delete(keysIn(server)[2] ?? '');
  await session.say(
    'a FETCH 1:3 (BODY.PEEK[] BODY.PEEK[TEXT])',
    'b FETCH 1:2 (RFC822.HEADER FLAGS)',
    'c LOGOUT',
  );
  const fields = server.log.lines.find(({ event }) => event === 'imap.closed')?.fields;
  assert.equal(fields?.['fetched'], 2);
  await closed(server, session, 2);
});
