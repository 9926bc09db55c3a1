/**
 * What a long outbound queue costs: `npx node bench/outbound.ts [waiting]`. Nothing is measured in tests.
 *
 * 2026-11-26, Node 24.21, 2 idle cores, 1,000,000 recipients that wait: a sweep with nothing due 2.2 ms, the first page
 * of the queue (100) 21 ms. With 200,000: a sweep with 1,000 due, each claimed, sent and written down durably, 363 ms.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEnvironment } from '../drivers/embedded/environment.ts';
import { EmbeddedTable } from '../drivers/embedded/table.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { listOutbound } from '../mail/delivery/outbound/administer.ts';
import { dueKey } from '../mail/delivery/outbound/outbound-keys.ts';
import { outboundItem, type OutboundRecipient } from '../mail/delivery/outbound/outbound-recipient.ts';
import { Relay } from '../mail/delivery/outbound/relay.ts';
import type { Blobs } from '../mail/ports/blobs.ts';
import type { Log } from '../mail/ports/log.ts';
import type { Write } from '../mail/ports/table.ts';

const waiting = Number(process.argv[2] ?? 1_000_000);
const due = 1000;
const clock = systemClock();
const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (event, fault) => print(`${event}: ${String(fault)}`),
  with: () => silent,
};

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function recipient(number: number, dueAtMs: number): OutboundRecipient {
  return {
    messageId: randomBytes(10).toString('hex'),
    recipient: `user${number}@domain${number % 5000}.test`,
    reversePath: 'ann@example.test',
    blobKey: 'outbound/none.eml',
    sizeBytes: 10_000,
    returnPathBytes: 30,
    body: '8BITMIME',
    smtpUtf8: false,
    receivedAt: new Date().toISOString(),
    state: 'waiting',
    version: 1,
    queuedAtMs: clock.now(),
    dueAtMs,
    attempts: 3,
    delayTold: false,
  };
}

async function timed(name: string, work: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await work();
  print(`${name}: ${(performance.now() - start).toFixed(1)} ms`);
}

const data = await mkdtemp(join(tmpdir(), 'posta-bench-'));
const environment = openEnvironment({ data });
try {
  const table = new EmbeddedTable({ environment, clock });
  const put = async (count: number, dueAt: () => number) => {
    for (let at = 0; at < count; at += 1000) {
      const writes = Array.from({ length: Math.min(1000, count - at) }, (_, index): readonly Write[] => {
        const entry = recipient(at + index, dueAt());
        return [
          { kind: 'put', item: outboundItem(entry) },
          { kind: 'put', item: { ...dueKey(entry) } },
        ];
      });
      await table.commit(writes.flat(), { until: 'visible' });
    }
  };
  await timed(`${waiting} recipients are queued`, () =>
    put(waiting, () => clock.now() + 3_600_000 * (1 + 3 * Math.random())),
  );
  const blobs = {
    async *read() {
      yield Buffer.alloc(0);
    },
    head: async (key: string) => ({ key, size: 0, createdAt: new Date(0) }),
    delete: async () => {},
  } as unknown as Blobs;
  const relay = new Relay({
    table,
    blobs,
    nextHops: {
      destinationOf: (domain) => ({
        kind: 'send',
        name: domain,
        hop: {
          transmit: async ({ recipients }) => ({
            outcomes: recipients.map(() => ({
              kind: 'sent',
              dsn: false,
              said: { status: '2.0.0', text: 'taken' },
            })),
            unavailable: false,
          }),
        },
      }),
    },
    notifySender: async () => {},
    clock,
    random: randomBytes,
    log: silent,
    metrics: { count: () => {}, gauge: () => {}, timeMs: () => {} },
  });
  const sweep = async () => {
    await relay.sweep(new AbortController().signal);
    await relay.settled();
  };
  for (let round = 0; round < 3; round++) {
    await timed(`a sweep with nothing due among ${waiting}`, sweep);
    await put(due, () => clock.now() - 1000);
    await timed(`a sweep with ${due} due, each sent and written down durably`, sweep);
    await timed('the first page of the queue', () =>
      listOutbound(table, { states: ['waiting', 'held'], limit: 100 }),
    );
  }
} finally {
  await environment.close();
  await rm(data, { recursive: true, force: true });
}
