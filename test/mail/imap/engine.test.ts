/** What transcripts do not show: what happens while a command is under way, and what log and metrics tell. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { temporaryTable } from '../mailbox/mail-kit.ts';
import { ImapServer, type ImapSession, type TableMethod } from './imap-server.ts';

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
  assert.deepEqual(await session.say('a2 CHECK'), [
    'a2 BAD CHECK: SELECT a mailbox first',
  ]);
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
