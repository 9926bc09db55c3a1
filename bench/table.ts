/**
 * Durable commits a second of the embedded Table, each of two items of about 250 bytes (an account's clock and its log
 * item, so the Feed is written too), with a token; then jobs a second through a queue.
 *
 *     npx node bench/table.ts [seconds for each line, 2 unless given]
 *
 * 2026-11-24, 2 cores and one virtual disk, otherwise idle, two runs, with lmdb's overlapping sync off:
 *
 *     durable commits    1 writer 949 and 947, 32 writers 8,253 and 8,959, 256 writers 14,007 and 14,063 a second
 *     jobs sent durably  1 sender 940 and 950, 32 senders 9,575 and 11,478, 256 senders 16,536 and 19,939 a second
 *     jobs received and done, 100 at a time      6,876 to 11,816 a second
 *
 * lmdb alone, one put of 400 bytes in each commit, overlapping sync on: 980, 23,600 and 49,500 a second.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../drivers/embedded/store.ts';
import type { EmbeddedStore } from '../drivers/embedded/store.ts';
import { systemClock } from '../drivers/system/clock.ts';

const seconds = Number(process.argv[2] ?? 2);

function report(what: string, count: number, took: number): void {
  process.stdout.write(`${what}: ${Math.round(count / took)} a second\n`);
}

async function commits({ table }: EmbeddedStore, writers: number): Promise<void> {
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let count = 0;
  const write = async (writer: number) => {
    const pk = `account#${writers}-${writer}`;
    for (let rev = 1; performance.now() < end; rev++) {
      const sk = `c#${String(rev).padStart(15, '0')}`;
      await table.commit(
        [
          { kind: 'put', item: { pk, sk: 'clock', rev, text: 'x'.repeat(200) } },
          { kind: 'put', item: { pk, sk, text: 'y'.repeat(200) }, condition: { kind: 'absent' } },
        ],
        { token: `${writers}-${writer}-${rev}` },
      );
      count++;
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  report(`durable commits, ${writers} writers`, count, (performance.now() - begin) / 1000);
}

async function jobs(store: EmbeddedStore, senders: number): Promise<void> {
  const queue = store.queue<{ readonly text: string }>({
    name: `bench-${senders}`,
    kind: 'standard',
    maxAttempts: 3,
  });
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let sent = 0;
  const send = async (sender: number) => {
    for (; performance.now() < end; sent++)
      await queue.send([{ body: { text: 'x'.repeat(500) }, group: `group ${sender}` }]);
  };
  await Promise.all(Array.from({ length: senders }, (_, sender) => send(sender)));
  const between = performance.now();
  report(`jobs sent durably, ${senders} senders`, sent, (between - begin) / 1000);
  for (let left = sent; left > 0;) {
    const received = await queue.receive({ max: 100, waitMs: 0, hiddenMs: 60_000 });
    await queue.done(received.map(({ receipt }) => receipt));
    left -= received.length;
  }
  report('jobs received and done, 100 at a time', sent, (performance.now() - between) / 1000);
}

const data = mkdtempSync(join(tmpdir(), 'posta-bench-'));
const store = await openStore({ data, clock: systemClock() });
try {
  for (const writers of [1, 32, 256]) await commits(store, writers);
  for (const senders of [1, 32, 256]) await jobs(store, senders);
} finally {
  await store.close();
  rmSync(data, { recursive: true });
}
