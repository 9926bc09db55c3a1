/** Several at one mailbox: two IMAP clients, POP3 beside IMAP, other processes; and who hears of what. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, suite, test } from 'node:test';
import { emptyMailbox, fetchedMessages, imapFlow } from './imap-client.ts';
import { ImapDialog, type ImapResponse } from './imap-dialog.ts';
import { countOf, logIn, messagesOf, traceBefore, type User } from './maildrop.ts';
import { TestPosta } from './posta.ts';
import { deliver } from './smtp-dialog.ts';

const paco: User = { user: 'paco@example.test', password: 'paco-password' };

let posta: TestPosta;
let folder: string;
before(async () => {
  posta = await TestPosta.start();
  folder = await mkdtemp(join(tmpdir(), 'posta-imap-'));
});
after(async () => {
  await posta[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const letter = (name: string) => `Subject: ${name}\r\n\r\nThe letter ${name}.\r\n`;
const send = (name: string) =>
  deliver(posta.ports.smtp, { from: 'a@elsewhere.test', to: [paco.user], message: letter(name) });
const open = () => ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' });
const texts = (responses: readonly ImapResponse[]) => responses.map(({ text }) => text);

/** Each test begins with an empty INBOX. */
beforeEach(async () => {
  const client = await imapFlow(posta, paco);
  await client.mailboxOpen('INBOX');
  await emptyMailbox(client);
  await client.logout();
});

/** A message by `posta import`: a process of its own on the data directory. */
async function importLetter(name: string): Promise<void> {
  const file = join(folder, `${name}.eml`);
  await writeFile(file, letter(name));
  await posta.run('import', paco.user, file);
}

suite('a client in IDLE hears', () => {
  /** A session in IDLE, and the next untagged response in it. */
  async function idle() {
    const dialog = await open();
    const tag = await dialog.begin('IDLE');
    return {
      dialog,
      hears: async () => (await dialog.response()).text,
      done: async () => {
        dialog.sendOctets('DONE\r\n');
        return dialog.answer(tag);
      },
      [Symbol.dispose]: () => dialog.close(),
    };
  }

  test('of a delivery, and reads it', async () => {
    using session = await idle();
    await send('new');
    assert.equal(await session.hears(), '* 1 EXISTS');
    assert.equal(await session.hears(), '* 1 RECENT');
    assert.match((await session.done()).tagged, /^OK /);
    const [message] = await session.dialog.messages();
    traceBefore(message?.message ?? Buffer.alloc(0), letter('new'));
  });

  test('of what another process adds, within seconds', async () => {
    using session = await idle();
    await importLetter('imported');
    assert.equal(await session.hears(), '* 1 EXISTS');
    assert.equal(await session.hears(), '* 1 RECENT');
    await session.done();
    assert.equal((await session.dialog.messages())[0]?.message.toString(), letter('imported'));
  });

  test('of flags, copies and expunges of another client', async () => {
    using other = await open();
    await other.append('INBOX', letter('first'));
    using session = await idle();
    await other.ok('STORE 1 +FLAGS (\\Flagged new)');
    assert.match(await session.hears(), /^\* FLAGS \(.*\bnew\b.*\)$/);
    assert.match(await session.hears(), /^\* OK \[PERMANENTFLAGS \(.*\bnew\b.*\)\] /);
    assert.match(await session.hears(), /^\* 1 FETCH \(FLAGS \((?=.*\\Flagged)(?=.*new).*\)\)$/);
    await other.ok('COPY 1 INBOX');
    assert.equal(await session.hears(), '* 2 EXISTS');
    assert.match(await session.hears(), /^\* \d RECENT$/);
    await other.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
    assert.match(await session.hears(), /^\* 1 FETCH \(FLAGS \(.*\\Deleted.*\)\)$/);
    await other.ok('EXPUNGE');
    assert.equal(await session.hears(), '* 1 EXPUNGE');
    await session.done();
    assert.equal((await session.dialog.messages()).length, 1);
  });

  test('of what POP3 deletes', async () => {
    using other = await open();
    await other.append('INBOX', letter('popped'));
    using session = await idle();
    using pop3 = await logIn(posta, paco);
    await pop3.pop3('DELE 1');
    await pop3.pop3('QUIT');
    assert.equal(await session.hears(), '* 1 EXPUNGE');
    await session.done();
  });

  test('as imapflow does: its events are of this mailbox', async () => {
    const client = await imapFlow(posta, paco);
    await client.mailboxOpen('INBOX');
    const idling = client.idle();
    const exists = once(client, 'exists');
    await send('event');
    const [event] = (await exists) as [{ path: string; count: number; prevCount: number }];
    assert.deepEqual(event, { path: 'INBOX', count: 1, prevCount: 0 });
    const [message] = await fetchedMessages(client, 1);
    assert.ok(message);
    await idling;
    const expunged = once(client, 'expunge');
    const again = client.idle();
    using other = await open();
    await other.ok('STORE 1 +FLAGS (\\Deleted)');
    await other.ok('CLOSE');
    assert.equal(((await expunged) as [{ seq: number }])[0].seq, 1);
    await client.logout();
    await again;
  });
});

suite('two clients', () => {
  test('are told of each other’s changes at their next command, and numbers move only then', async () => {
    using first = await open();
    for (const name of ['one', 'two', 'three']) await first.append('INBOX', letter(name));
    using second = await open();
    await first.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
    await first.ok('EXPUNGE');
    // A number still means what this client was told: no EXPUNGE comes during FETCH.
    const fetched = await second.ok('FETCH 2 (BODY.PEEK[HEADER.FIELDS (SUBJECT)])');
    assert.match(
      fetched.untagged.find(({ literals }) => literals.length > 0)?.literals.join('') ?? '',
      /two/,
    );
    assert.ok(!texts(fetched.untagged).some((text) => text.includes('EXPUNGE')));
    assert.deepEqual(texts((await second.ok('NOOP')).untagged), ['1 EXPUNGE']);
    const next = await second.ok('FETCH 2 (BODY.PEEK[HEADER.FIELDS (SUBJECT)])');
    assert.match(next.untagged[0]?.literals.join('') ?? '', /three/);
  });

  test('that store flags on the same message at once lose none', async () => {
    using first = await open();
    using second = await open();
    await first.append('INBOX', letter('shared'));
    await second.ok('NOOP');
    const store = async (dialog: ImapDialog, letters: string) => {
      for (const keyword of letters) await dialog.ok(`STORE 1 +FLAGS.SILENT (${keyword})`);
    };
    await Promise.all([store(first, 'abcdefghij'), store(second, 'klmnopqrst')]);
    const [message] = await first.messages();
    assert.equal(message?.flags.length, 20);
  });

  test('that move the same messages at once leave each in one place', async () => {
    using first = await open();
    using second = await open();
    await first.command('CREATE Left');
    await first.command('CREATE Right');
    for (let number = 1; number <= 30; number++) await first.append('INBOX', letter(`m${number}`));
    await second.ok('NOOP');
    await Promise.all([first.command('MOVE 1:20 Left'), second.command('MOVE 11:30 Right')]);
    const names: string[] = [];
    for (const mailbox of ['INBOX', 'Left', 'Right']) {
      await first.ok(`SELECT ${mailbox}`);
      const messages = await first.messages();
      names.push(...messages.map(({ message }) => /Subject: (\w+)/.exec(message.toString())?.[1] ?? ''));
    }
    assert.deepEqual(names.toSorted(), Array.from({ length: 30 }, (_, at) => `m${at + 1}`).toSorted());
  });

  test('of which one deletes the folder that the other has open: BYE', async () => {
    using first = await open();
    await first.ok('CREATE Doomed');
    using second = await ImapDialog.logIn(posta, paco, { mailbox: 'Doomed' });
    await first.ok('DELETE Doomed');
    second.send('NOOP');
    assert.match(await second.rest(), /^\* BYE The selected mailbox was deleted/);
  });
});

suite('several processes', () => {
  test('change one account at once: each commit is there, and an open mailbox follows', async () => {
    using session = await open();
    const appended = Promise.all(
      [1, 2, 3].map(async (worker) => {
        using dialog = await open();
        for (let number = 1; number <= 20; number++)
          await dialog.append('INBOX', letter(`append${worker}x${number}`));
      }),
    );
    await Promise.all(Array.from({ length: 3 }, (_, at) => importLetter(`import${at}`)));
    await appended;
    await session.ok('NOOP');
    const messages = await session.messages();
    assert.equal(messages.length, 63);
    assert.equal(new Set(messages.map(({ message }) => message.toString())).size, 63);
    const rising = messages.map(({ uid }) => uid);
    assert.deepEqual(
      rising,
      rising.toSorted((one, other) => one - other),
    );
  });
});

suite('POP3 and IMAP on one INBOX', () => {
  test('see the same messages, and what one deletes the other no longer has', async () => {
    for (const name of ['one', 'two', 'three']) {
      await send(name);
      await messagesOf(posta, paco, subjectsUpTo(name));
    }
    using imap = await open();
    using pop3 = await logIn(posta, paco);
    const byImap = (await imap.messages()).map(({ message }) => message);
    const byPop3: Buffer[] = [];
    for (const number of [1, 2, 3]) byPop3.push(await pop3.pop3Body(`RETR ${number}`));
    assert.deepEqual(byPop3, byImap);
    // IMAP takes one out while the maildrop is open: POP3 goes on with what it has.
    await imap.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
    await imap.ok('EXPUNGE');
    assert.equal(await countOf(pop3), 3);
    assert.deepEqual(await pop3.pop3Body('RETR 1'), byImap[0]);
    await pop3.pop3('DELE 1');
    await pop3.pop3('DELE 2');
    await pop3.pop3('QUIT');
    assert.deepEqual(texts((await imap.ok('NOOP')).untagged), ['1 EXPUNGE']);
    assert.deepEqual(
      (await imap.messages()).map(({ message }) => message),
      [byImap[2]],
    );
    assert.deepEqual(await messagesOf(posta, paco, 1), [byImap[2]]);
  });

  function subjectsUpTo(name: string): number {
    return ['one', 'two', 'three'].indexOf(name) + 1;
  }

  test('POP3 lists in the order of the uids, and IMAP flags stay what they were', async () => {
    using imap = await open();
    for (const name of ['a', 'b']) await imap.append('INBOX (\\Flagged)', letter(name));
    assert.deepEqual(
      (await messagesOf(posta, paco, 2)).map(String),
      ['a', 'b'].map((name) => letter(name)),
    );
    assert.deepEqual(
      (await imap.messages()).map(({ flags }) => flags),
      [['\\Flagged'], ['\\Flagged']],
    );
  });
});

suite('after a restart', () => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const)
    test(`by ${signal} uids, UIDVALIDITY, folders and messages are what they were`, async () => {
      using old = await open();
      await old.command('CREATE Kept');
      for (const name of ['one', 'two']) await old.append('Kept (\\Seen)', letter(name));
      const look = async (dialog: ImapDialog) => {
        const { untagged } = await dialog.ok('SELECT Kept');
        const state = texts(untagged).filter((text) => /UIDVALIDITY|UIDNEXT|EXISTS/.test(text));
        return { state, messages: await dialog.messages() };
      };
      const expected = await look(old);
      await posta.stop(signal);
      await posta.serve();
      using next = await ImapDialog.logIn(posta, paco);
      assert.deepEqual(await look(next), expected);
      await next.ok('CLOSE');
      await next.ok('DELETE Kept');
    });
});
