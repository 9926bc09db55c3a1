/** What a search costs, and what becomes of it while the session and others go on. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { after, test } from 'node:test';
import type { Key, Table } from '../../../../mail/ports/table.ts';
import { temporaryTable } from '../../mailbox/mail-kit.ts';
import { CountingTable } from '../counting-table.ts';
import { ImapServer } from '../imap-server.ts';
import { ImapSession } from '../imap-session.ts';
import { connectionOf, RecordedSession } from '../../../transcripts/recorded-session.ts';

const { table, [Symbol.asyncDispose]: dispose } = await temporaryTable();
after(dispose);

/** Knows how many indexes of messages were read. */
class IndexCountingTable extends CountingTable {
  indexes = 0;
  override getMany(...args: Parameters<Table['getMany']>) {
    const [keys] = args;
    this.indexes += keys.filter(({ sk }: Key) => sk.startsWith('m#')).length;
    return super.getMany(...args);
  }
}

/** A server whose reads of messages' bytes are counted, and wait for `until`. */
async function searched(messages: number) {
  const counting = new IndexCountingTable(table);
  const server = await ImapServer.open({ table: counting });
  await server.direct('messages', String(messages));
  const reads = { begun: 0, until: Promise.resolve() };
  const read = server.blobs.read.bind(server.blobs);
  server.blobs.read = async function* (...args) {
    reads.begun += 1;
    await reads.until;
    yield* read(...args);
  };
  const engines = server.engines();
  const open = async () => {
    const recorded = new RecordedSession(connectionOf(1, ['tls']), engines);
    await recorded.start(true);
    const session = await new ImapSession(recorded).logIn();
    await session.ok('SELECT INBOX');
    counting.indexes = 0;
    return { session, recorded };
  };
  return { ...(await open()), open, server, reads, counting };
}

test('what records decide reads nothing, what the envelope decides reads no text', async () => {
  const { server, session, reads, counting } = await searched(70);
  assert.deepEqual(await session.ok('SEARCH UNSEEN LARGER 10 SINCE 1-Jan-2026 OR SEEN NOT DELETED 70'), [
    '* SEARCH 70',
  ]);
  assert.equal(counting.indexes, 0);
  assert.deepEqual(await session.ok('SEARCH SUBJECT "message 7"'), ['* SEARCH 7 70']);
  assert.equal(counting.indexes, 70);
  assert.deepEqual(await session.ok('SEARCH 60:* SUBJECT "message 6"'), [
    '* SEARCH 60 61 62 63 64 65 66 67 68 69',
  ]);
  // All subjects are known by now.
  assert.equal(counting.indexes, 70);
  assert.equal(reads.begun, 0);
  assert.deepEqual(await session.ok('SEARCH 1:3 BODY "text 2"'), ['* SEARCH 2']);
  assert.equal(reads.begun, 3);
  await session.recorded.close();
  await server.finish();
});

test('what a search knows of envelopes another session knows too, and only what is new is read', async () => {
  const { server, session, open, counting } = await searched(5);
  assert.deepEqual(await session.ok('SEARCH SUBJECT "message 3"'), ['* SEARCH 3']);
  assert.equal(counting.indexes, 5);
  await server.direct('messages', '6');
  await session.ok('STORE 2 +FLAGS.SILENT (\\Deleted)');
  await session.ok('EXPUNGE');
  const { session: other } = await open();
  assert.deepEqual(await other.ok('SEARCH NOT SUBJECT "message 3"'), ['* SEARCH 1 3 4 5 6 8 9 10']);
  assert.equal(counting.indexes, 6);
  assert.deepEqual(await other.ok('UID SEARCH SUBJECT "message 3"'), ['* SEARCH 3 8']);
  await other.recorded.close();
  await session.recorded.close();
  await server.finish();
});

test('the lowest or the highest number is looked for from its end, and no further', async () => {
  const { server, session, reads, counting } = await searched(70);
  assert.deepEqual(await session.ok('SEARCH RETURN (MIN) SUBJECT "message 3"'), [
    '* ESEARCH (TAG "x") MIN 3',
  ]);
  assert.ok(counting.indexes <= 8);
  assert.deepEqual(await session.ok('SEARCH RETURN (MAX) SUBJECT "message 6"'), [
    '* ESEARCH (TAG "x") MAX 69',
  ]);
  assert.ok(counting.indexes <= 16);
  assert.deepEqual(await session.ok('SEARCH RETURN (MIN MAX) BODY text'), [
    '* ESEARCH (TAG "x") MIN 1 MAX 70',
  ]);
  assert.ok(reads.begun <= 16);
  assert.deepEqual(await session.ok('SEARCH RETURN (MAX MIN) SUBJECT "message 70"'), [
    '* ESEARCH (TAG "x") MAX 70 MIN 70',
  ]);
  await session.recorded.close();
  await server.finish();
});

/** Turns of the event loop until `over`. */
async function turnsUntil(over: Promise<unknown>): Promise<number> {
  const counted = { turns: 0, on: true };
  const count = () => {
    counted.turns += 1;
    if (counted.on) setImmediate(count);
  };
  count();
  await over;
  counted.on = false;
  return counted.turns;
}

test('other sessions have their turn while one searches', async () => {
  const { server, session } = await searched(200);
  // On a busy machine one run may take some turns more.
  const runs: number[] = [];
  for (let run = 0; run < 5; run++) runs.push(await turnsUntil(session.ok('SEARCH UNSEEN')));
  const quick = Math.min(...runs);
  const long = await turnsUntil(session.ok('SEARCH SUBJECT nothing'));
  assert.ok(long >= quick + 3, `${quick} turns, then ${long}`);
  await session.recorded.close();
  await server.finish();
});

for (const [how, end] of [
  ['whose client is gone', (recorded: RecordedSession) => recorded.close()],
  ['whose account is lost', (recorded: RecordedSession) => recorded.leave('access')],
] as const)
  test(`a session ${how} searches no further`, async () => {
    const { server, session, recorded, reads } = await searched(100);
    const { promise, resolve } = Promise.withResolvers<void>();
    reads.until = promise;
    const search = session.recorded.send([Buffer.from('x SEARCH BODY nothing\r\n')]);
    while (reads.begun < 8) await turn();
    const ending = end(recorded);
    resolve();
    await Promise.all([search, ending]);
    assert.ok(reads.begun <= 16, `${reads.begun} messages were read`);
    await recorded.close();
    await server.finish();
  });
