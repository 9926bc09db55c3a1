/**
 * How fast mail is filed and opened on one machine: `npx node bench/mailbox.ts`; nothing is measured in tests.
 *
 * 2026-11-24, Node 24.21, 2 busy cores, deliveries a second, each durable and its own SMTP-like call: 1 account 550 with
 * one sender, 3,400 with 16, 6,000 with 64, 9,600 with 256 (waiting ones join); 50 accounts 1,750 with 50 senders, 4,000
 * with 200; batches of 1,000 into one account 5,100. SELECT of 100,000: 60 ms in a new process (114 the first time),
 * 0.2 ms again. STORE on 100,000: 1.8 s in 13 commits.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEnvironment } from '../drivers/embedded/environment.ts';
import { EmbeddedTable } from '../drivers/embedded/table.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { createMailStore } from '../mail/mailbox/create-mail-store.ts';
import { initialMailboxWrites } from '../mail/mailbox/initial-mailboxes.ts';
import type { AccountMail, Delivery, MailStore } from '../mail/mailbox/mail-store.ts';
import { parseAccountId, parseMessageId, parseUid, sound } from '../mail/mailbox/types.ts';
import type { Log } from '../mail/ports/log.ts';
import type { Table } from '../mail/ports/table.ts';

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silent,
};

function storeOn(table: Table): MailStore {
  return createMailStore({
    table,
    blobs: {
      begin: () => {
        throw new Error('no message of this bench is large');
      },
      head: () => Promise.resolve(undefined),
      read: async function* () {},
      copy: () => Promise.reject(new Error('nothing is copied')),
      delete: () => Promise.resolve(),
      list: () => Promise.resolve({ blobs: [] }),
    },
    wake: {
      publish: () => Promise.resolve(),
      subscribe: () => Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() }),
    },
    clock: systemClock(),
    log: silent,
    epoch: 1,
    random: randomBytes,
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

let made = 0;

/** An index of about 1.5 KB, as of a message with a text and an HTML part. */
function delivery(): Delivery {
  const id = `m${++made}`;
  return {
    index: {
      messageId: sound(parseMessageId(id), 'message id'),
      threadId: id,
      blobKey: `mailboxes/example.test/paco~1/2026-11/${id}.eml`,
      size: 20_000,
      internalDateSeconds: 1_795_478_400,
      envelope: 'e'.repeat(400),
      bodyStructure: 'b'.repeat(250),
      preview: 'p'.repeat(200),
      parts: Array.from({ length: 18 }, (_, at) => at * 1000),
      headers: randomBytes(600),
    },
  };
}

async function makeAccount(store: MailStore, options: { readonly table: Table; readonly name: string }) {
  const id = sound(parseAccountId(options.name), 'account id');
  const initial = { random: randomBytes, nowMs: Date.now(), epoch: 1 };
  await options.table.commit(initialMailboxWrites(id, initial), { until: 'visible' });
  return store.account(id);
}

/** `senders` at once, each with one message after the other. */
async function deliveriesPerSecond(
  accounts: readonly AccountMail[],
  senders: number,
  seconds = 4,
): Promise<number> {
  const start = performance.now();
  let delivered = 0;
  await Promise.all(
    Array.from({ length: senders }, async (_, sender) => {
      const account = accounts[sender % accounts.length];
      while (performance.now() - start < seconds * 1000) {
        const [outcome] = (await account?.deliver([delivery()])) ?? [];
        if (outcome?.kind !== 'delivered') throw new Error('a delivery failed');
        delivered++;
      }
    }),
  );
  return delivered / ((performance.now() - start) / 1000);
}

async function timed(name: string, work: () => Promise<void>): Promise<void> {
  const start = performance.now();
  await work();
  print(`${name}: ${(performance.now() - start).toFixed(1)} ms`);
}

async function benchLarge(table: Table, messages: number): Promise<void> {
  const account = await makeAccount(storeOn(table), { table, name: 'large' });
  await timed(`deliver ${messages} in batches of 1,000`, async () => {
    for (let at = 0; at < messages; at += 1000) await account.deliver(Array.from({ length: 1000 }, delivery));
  });
  const found = await account.findMailbox('INBOX');
  if (found.kind !== 'found') throw new Error('no INBOX');
  const { mailbox } = found;
  const select = async (store: MailStore) => {
    const open = await store.account(account.id).open(mailbox);
    if (open.kind !== 'open' || open.view.count !== messages) throw new Error('SELECT failed');
    open.close();
  };
  for (let round = 0; round < 3; round++)
    await timed(`SELECT of ${messages}, new process`, () => select(storeOn(table)));
  const store = storeOn(table);
  await select(store);
  await timed(`SELECT of ${messages} again, unchanged`, () => select(store));
  const uids = Array.from({ length: messages }, (_, at) => sound(parseUid(at + 1), 'uid'));
  const flags = { system: 1, keywords: [] };
  await timed(`STORE +FLAGS (\\Seen) on ${messages}`, async () => {
    await account.storeFlags({ mailbox, uids, action: 'add', flags });
  });
}

const data = await mkdtemp(join(tmpdir(), 'posta-bench-'));
const environment = openEnvironment({ data });
try {
  const table = new EmbeddedTable({ environment, clock: systemClock() });
  const store = storeOn(table);
  const accounts = await Promise.all(
    Array.from({ length: 50 }, (_, at) => makeAccount(store, { table, name: `a${at}` })),
  );
  for (const senders of [1, 16, 64, 256]) {
    const rate = await deliveriesPerSecond(accounts.slice(0, 1), senders);
    print(`1 account, ${senders} senders: ${rate.toFixed(0)} deliveries/s`);
  }
  for (const senders of [50, 200]) {
    const rate = await deliveriesPerSecond(accounts, senders);
    print(`50 accounts, ${senders} senders: ${rate.toFixed(0)} deliveries/s`);
  }
  await benchLarge(table, 100_000);
} finally {
  await environment.close();
  await rm(data, { recursive: true, force: true });
}
