/** That a list of envelopes reads each page once, wherever it begins. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { writeEnvelopePage } from '../../../../mail/mailbox/feed/write-envelope-page.ts';
import { parseAccountId, sound } from '../../../../mail/mailbox/types.ts';
import type { Key, Table } from '../../../../mail/ports/table.ts';
import { quickClock, seededRandom, temporaryTable } from '../../mailbox/mail-kit.ts';
import { CountingTable } from '../counting-table.ts';
import { ImapServer } from '../imap-server.ts';

const { table, [Symbol.asyncDispose]: dispose } = await temporaryTable();
after(dispose);

/** Knows how many indexes of messages and pages of envelopes were read. */
class PageCountingTable extends CountingTable {
  indexes = 0;
  pages = 0;
  override getMany(...args: Parameters<Table['getMany']>) {
    const [keys] = args;
    const beginning = (prefix: string) => keys.filter(({ sk }: Key) => sk.startsWith(prefix)).length;
    this.indexes += beginning('m#');
    this.pages += beginning('e#');
    return super.getMany(...args);
  }
}

test('a list of envelopes reads each page once, and an index only of what is in none', async () => {
  const counting = new PageCountingTable(table);
  const server = await ImapServer.open({ table: counting });
  await server.direct('messages', '150');
  const mail = server.mail();
  const inbox = await mail.findMailbox('INBOX');
  assert.ok(inbox.kind === 'found');
  const ports = {
    table,
    clock: quickClock(),
    random: seededRandom(1),
    log: server.log,
    envelopePages: 'plain',
  } as const;
  const account = sound(parseAccountId(mail.id), 'account id');
  for (const block of [0, 1]) await writeEnvelopePage(ports, { account, mailbox: inbox.mailbox, block });
  const session = await (await server.session('tls')).logIn();
  await session.ok('SELECT INBOX');
  counting.indexes = counting.pages = 0;
  const lines = await session.ok('FETCH 20:150 ENVELOPE');
  assert.equal(lines.length, 131);
  assert.match(lines[0] ?? '', /^\* 20 FETCH \(ENVELOPE \(.*message 20/);
  assert.deepEqual([counting.pages, counting.indexes], [2, 23]);
  await session.recorded.close();
  await server.finish();
});
