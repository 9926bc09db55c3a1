/** What transcripts do not show: what happens while a command is under way, and what log and metrics tell. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { imapLimits } from '../../../mail/imap/limits.ts';
import { temporaryTable } from '../mailbox/mail-kit.ts';
import type { TableMethod } from './counting-table.ts';
import { ImapServer } from './imap-server.ts';
import type { ImapSession } from './imap-session.ts';

const { table, [Symbol.asyncDispose]: dispose } = await temporaryTable();
after(dispose);

/** A server with so many messages, and a session in INBOX. */
async function selected({ messages = 1 }: { readonly messages?: number } = {}): Promise<{
  readonly server: ImapServer;
  readonly session: ImapSession;
}> {
  const server = await ImapServer.open({ table });
  await server.direct('messages', String(messages));
  const session = await server.session('tls');
  await session.logIn();
  await session.ok('SELECT INBOX');
  return { server, session };
}

/** Sends without waiting for the answer. */
function begin(session: ImapSession, command: string): Promise<void> {
  return session.recorded.engine.receive(Buffer.from(`${command}\r\n`));
}

/** The next call of that kind waits, before it is made or with its answer, until the gate opens. */
function gate(server: ImapServer, when: 'before' | 'after', method: TableMethod) {
  const opened = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  server.table[when] = async (called) => {
    if (called !== method) return;
    server.table[when] = () => undefined;
    reached.resolve();
    await opened.promise;
  };
  return { reached: reached.promise, open: () => opened.resolve() };
}

test('who stops idling, or goes while it idles, is not kept in mind', async () => {
  const server = await ImapServer.open({ table });
  const withoutSessions = server.clock.sleeping;
  const session = await server.session('tls');
  await session.logIn();
  await session.ok('SELECT INBOX');
  const before = server.clock.sleeping;
  await begin(session, 'a1 IDLE');
  assert.equal(server.clock.sleeping, before + 1);
  await begin(session, 'DONE');
  assert.equal(server.clock.sleeping, before);
  await begin(session, 'a2 IDLE');
  await session.recorded.close();
  assert.equal(server.clock.sleeping, withoutSessions);
  await server.finish();
});

test('SELECT that fails in the middle leaves nothing selected', async () => {
  const { server, session } = await selected();
  await session.ok('UNSELECT');
  await server.deliver(Buffer.from('Subject: new\r\n\r\n'));
  server.table.before = (called) => {
    if (called === 'commit') throw new Error('the table is away');
  };
  const lines = await session.say('a1 SELECT INBOX');
  assert.match(lines.at(-1) ?? '', /^a1 NO \[UNAVAILABLE\] /);
  server.table.before = () => undefined;
  assert.deepEqual(await session.say('a2 CHECK'), ['a2 BAD CHECK: SELECT a mailbox first']);
  await session.recorded.close();
  await server.direct('faults', '1');
  await server.finish();
});

test('what changes while a mailbox is being opened is told with the next command', async () => {
  const { server, session } = await selected();
  await session.ok('UNSELECT');
  const { reached, open } = gate(server, 'after', 'query');
  const selecting = begin(session, 'a1 SELECT INBOX');
  await reached;
  await server.deliver(Buffer.from('Subject: two\r\n\r\n'));
  open();
  await selecting;
  assert.ok(session.said().includes('* 1 EXISTS'));
  assert.deepEqual(await session.say('a2 ENABLE CONDSTORE'), [
    "* OK [HIGHESTMODSEQ 2] The mailbox's mod-sequence",
    '* ENABLED CONDSTORE',
    '* 2 EXISTS',
    '* 1 RECENT',
    'a2 OK ENABLE completed',
  ]);
  await session.recorded.close();
  await server.finish();
});

test('FLAGS names each keyword before a message shows it, however many came and went', async () => {
  const { server, session } = await selected();
  await server.direct('process', '2');
  const other = await server.session('tls');
  await other.logIn();
  await other.ok('SELECT INBOX');
  for (const letter of ['a', 'b', 'c', 'd']) {
    const keywords = Array.from({ length: 50 }, (_, at) => `${letter}${at}`);
    // At once there may be 64.
    await other.ok('STORE 1 FLAGS.SILENT ()');
    await other.ok(`STORE 1 FLAGS (${keywords.join(' ')})`);
    const [flags, permanent, fetch] = await session.ok('NOOP');
    assert.match(flags ?? '', new RegExp(`^\\* FLAGS \\(.* ${letter}49[ )]`));
    assert.match(permanent ?? '', new RegExp(`^\\* OK \\[PERMANENTFLAGS \\(.* ${letter}49 `));
    assert.match(fetch ?? '', new RegExp(`^\\* 1 FETCH \\(FLAGS \\(.* ${letter}49[ )]`));
  }
  await session.recorded.close();
  await other.recorded.close();
  await server.finish();
});

test('where it cannot be told what changed, the session ends: its numbers would be wrong', async () => {
  const { server, session } = await selected();
  server.table.before = (called) => {
    if (called === 'query') throw new Error('the table is away');
  };
  assert.deepEqual(await session.say('a1 NOOP', 'a2 NOOP'), [
    '* BYE [UNAVAILABLE] Temporary fault on this server: connect again later',
  ]);
  assert.ok(session.recorded.ended);
  server.table.before = () => undefined;
  await session.recorded.close();
  await server.direct('faults', '1');
  await server.finish();
});

/** A session in the middle of STORE, with more commands behind it. */
async function storing() {
  const { server, session } = await selected({ messages: 2 });
  const { reached, open } = gate(server, 'before', 'commit');
  const call = begin(session, 'a1 STORE 1:* +FLAGS (\\Seen)\r\na2 NOOP');
  await reached;
  const settled = async () => {
    open();
    await call;
    return session.said();
  };
  return { server, session, settled };
}

async function seen(server: ImapServer): Promise<number> {
  const found = await server.mail().findMailbox('INBOX');
  assert.ok(found.kind === 'found');
  const status = await server.mail().status(found.mailbox);
  assert.ok(status.kind === 'status');
  return status.messages - status.unseen;
}

test('a server that goes down lets a command end, and no other begin', async () => {
  const { server, session, settled } = await storing();
  session.recorded.engine.leave('shutdown');
  assert.deepEqual(await settled(), [
    '* 1 FETCH (FLAGS (\\Seen \\Recent))',
    '* 2 FETCH (FLAGS (\\Seen \\Recent))',
    'a1 OK STORE completed',
    '* BYE [UNAVAILABLE] This server is going down: connect again',
  ]);
  assert.ok(session.recorded.ended);
  await session.recorded.close();
  await server.finish();
});

for (const [what, reasons] of [
  ['the account loses access', ['access']],
  ['the grace of a shutdown is over', ['shutdown', 'shutdown']],
  ['access is lost while the server goes down', ['shutdown', 'access']],
] as const)
  test(`a command is broken off at its next response when ${what}`, async () => {
    const { server, session, settled } = await storing();
    for (const reason of reasons) session.recorded.engine.leave(reason);
    assert.deepEqual(await settled(), ['* 1 FETCH (FLAGS (\\Seen \\Recent))']);
    assert.ok(session.recorded.ended);
    await session.recorded.close();
    assert.equal(await seen(server), 2);
    await server.finish();
  });

test('a connection that is gone in the middle of a command lets it end, and holds nothing', async () => {
  const { server, session, settled } = await storing();
  const closed = session.recorded.close();
  assert.deepEqual(await settled(), []);
  await closed;
  assert.equal(await seen(server), 2);
  await server.finish();
});

for (const when of ['before', 'after'] as const)
  test(`a connection that is gone while a mailbox is opened holds nothing (${when} it is read)`, async () => {
    const { server, session } = await selected();
    const { reached, open } = gate(server, when, 'query');
    const call = begin(session, 'a1 SELECT INBOX\r\na2 NOOP');
    await reached;
    const closed = session.recorded.close();
    open();
    await Promise.all([call, closed]);
    await server.finish();
  });

test('a connection that is gone while a message is taken holds nothing of it', async () => {
  const { server, session } = await selected();
  await session.recorded.send([Buffer.from('a1 APPEND INBOX {10+}\r\nabc')]);
  await session.recorded.close();
  assert.deepEqual([...server.memory.stored.keys()].length, 1);
  await server.finish();
});

test('a connection that is gone while it logs in is not logged in', async () => {
  const server = await ImapServer.open({ table });
  const session = await server.session('tls');
  const call = begin(session, 'a1 LOGIN paco@example.test secret\r\na2 CREATE never');
  await Promise.all([session.recorded.close(), call]);
  assert.equal((await server.mail().findMailbox('never')).kind, 'noSuchMailbox');
  await server.finish();
});

test('a client may be silent for minutes before login, and for half an hour after it', async () => {
  const server = await ImapServer.open({ table });
  const session = await server.session('tls');
  assert.equal(session.recorded.idleMs, imapLimits.loginIdleMs);
  await session.say('a1 LOGIN paco@example.test wrong');
  assert.equal(session.recorded.idleMs, imapLimits.loginIdleMs);
  assert.equal(session.recorded.engine.principal?.accountId, undefined);
  await session.logIn();
  assert.equal(session.recorded.idleMs, imapLimits.idleMs);
  assert.ok(imapLimits.idleMs >= 30 * 60_000);
  assert.match(session.recorded.engine.principal?.accountId ?? '', /-paco$/);
  await session.recorded.close();
  await server.finish();
});

test('the answers to a pipelined group are held for one write', async () => {
  const { server, session } = await selected({ messages: 20 });
  const before = session.recorded.waits;
  await session.say('a1 FETCH 1:* FLAGS', 'a2 NOOP', 'a3 UID STORE 1:* FLAGS (\\Seen)', 'a4 CHECK');
  assert.equal(session.recorded.waits, before);
  await session.recorded.close();
  await server.finish();
});

test('an idling client that reads slowly is told of many changes at once', async () => {
  const { server, session } = await selected({ messages: 3 });
  await session.say('a1 IDLE');
  const { reached, open } = gate(server, 'before', 'query');
  await server.direct('messages', '1');
  await reached;
  await server.direct('messages', '30');
  open();
  await server.settled();
  const lines = session.said();
  assert.equal(lines.at(-1), '* 34 RECENT');
  assert.ok(lines.length <= 4, lines.join('\n'));
  await session.say('DONE');
  await session.recorded.close();
  await server.finish();
});

test('log and metrics tell of a session, and of no argument of it', async () => {
  const { server, session } = await selected();
  await session.say(
    'a1 STORE 1 +FLAGS (private-keyword)',
    'a2 SELECT private-mailbox',
    'a3 BLURDYBLOOP private',
  );
  await session.say('a4 ID ("name" "mutt" "secret-field" "private")', 'a5 LOGOUT');
  await session.recorded.close();
  const events = server.log.lines.map(({ event }) => event);
  assert.deepEqual(events, [
    'imap.connected',
    'imap.loggedIn',
    'imap.refused',
    'imap.refused',
    'imap.client',
    'imap.closed',
  ]);
  const closed = server.log.lines.at(-1)?.fields;
  assert.equal(closed?.['why'], 'logout');
  assert.equal(closed['refused'], 2);
  assert.ok(server.log.lines.every(({ fields }) => fields['session'] === 't1'));
  assert.doesNotMatch(JSON.stringify(server.log.lines), /private/);
  assert.deepEqual(server.metrics, [
    'imap.sessions',
    'imap.refused noSuchMailbox',
    'imap.refused unknownCommand',
  ]);
  await server.finish();
});
