/**
 * `kill -9` at any moment: what IMAP answered OK to for APPEND, COPY and MOVE holds, nothing is there twice, and EXPUNGE
 * takes nothing but what it was asked to. The server is killed and started again at seeded random moments.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { ImapDialog } from '../end-to-end/imap-dialog.ts';
import { TestPosta } from '../end-to-end/posta.ts';
import { seededRandom } from '../seeded-random.ts';
import { Appender } from './imap/appender.ts';
import { Copier } from './imap/copier.ts';
import { Expunger } from './imap/expunger.ts';
import { look, type Found, type KillClient } from './imap/kill-client.ts';
import { Mover } from './imap/mover.ts';
import { killAndServe, rounds, seed } from './kill-rounds.ts';

const password = 'kill-test-pw';
const users = ['one', 'two'].map((name) => ({ user: `${name}@example.test`, password }));

/** For each account one of each kind, so that the commits of one account come from several clients. */
function clientsOf(random: () => number, digests: Map<string, string>): readonly KillClient[] {
  const shared = { random, digests };
  return [
    new Appender({ ...shared, folder: 'Appended' }),
    new Mover({ ...shared, folders: ['Left', 'Right'] }),
    new Copier({ ...shared, folders: ['Source', 'Copies'] }),
    new Expunger({ ...shared, folder: 'Expunged' }),
  ];
}

function endedByServer(fault: unknown): boolean {
  return /the server closed the connection|ECONNREFUSED|ECONNRESET/.test(String(fault));
}

test(`kill -9 in ${rounds} rounds breaks no word that IMAP gave (seed ${seed})`, async (t) => {
  const random = seededRandom(seed);
  const digests = new Map<string, string>();
  await using posta = await TestPosta.start({
    accounts: Object.fromEntries(users.map((user) => [user.user, password])),
  });
  const working = users.map((user) => ({ user, clients: clientsOf(random, digests) }));
  for (const { user, clients } of working) {
    using session = await ImapDialog.logIn(posta, user);
    for (const folder of clients.flatMap(({ folders }) => folders)) await session.ok(`CREATE "${folder}"`);
  }

  const unexpected: string[] = [];
  const stop = new AbortController();
  const { signal } = stop;
  const running = working.flatMap(({ user, clients }) =>
    clients.map(async (client) => {
      while (!signal.aborted)
        try {
          using session = await ImapDialog.logIn(posta, user, { timeoutMs: 20_000 });
          while (!signal.aborted) await client.work(session);
        } catch (fault) {
          if (!endedByServer(fault)) unexpected.push(String(fault));
          await sleep(20);
        }
    }),
  );
  await killAndServe(posta, { random, mostMs: 2_500 });
  stop.abort();
  await Promise.all(running);
  await posta.stop('SIGKILL');
  await posta.serve();

  const counts: Record<string, number> = {};
  for (const { user, clients } of working) {
    using session = await ImapDialog.logIn(posta, user);
    for (const client of clients) {
      const found = new Map<string, readonly Found[]>();
      for (const folder of client.folders) {
        await session.ok(`SELECT "${folder}"`);
        found.set(folder, await look(session, digests));
      }
      unexpected.push(...client.wrong(found));
      for (const [what, count] of Object.entries(client.counts)) counts[what] = (counts[what] ?? 0) + count;
    }
  }
  t.diagnostic(
    Object.entries(counts)
      .map(([what, count]) => `${count} ${what}`)
      .join(', '),
  );
  assert.deepEqual(unexpected, []);
  for (const [what, count] of Object.entries(counts)) assert.ok(count >= rounds, `only ${count} ${what}`);
});
