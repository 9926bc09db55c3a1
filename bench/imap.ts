/**
 * How fast a large mailbox is opened and listed by IMAP on one machine: `npx node bench/imap.ts [messages]`. The
 * engine runs without sockets; the table is on the disk of the temporary directory. Nothing is measured in tests.
 *
 * 2026-11-26, Node 24.21, 2 idle cores, 100,000 messages, medians of three: SELECT 24 ms in a new process, 1.1 ms again;
 * UID FETCH 1:* (FLAGS) 60 ms; ENVELOPE, INTERNALDATE and RFC822.SIZE of all 0.3 s; From, Subject and Date of all by
 * HEADER.FIELDS 2.5 s; SEARCH UNSEEN 34 ms. The heap grows by 42 to 58 MB in each (with --expose-gc before it), whatever
 * is sent.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEnvironment } from '../drivers/embedded/environment.ts';
import { EmbeddedTable } from '../drivers/embedded/table.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { toIndex } from '../mail/delivery/index-message.ts';
import { imapEngine } from '../mail/imap/engine.ts';
import { imapLimits } from '../mail/imap/limits.ts';
import { AccountWatch } from '../mail/mailbox/account-watch.ts';
import { createMailStore } from '../mail/mailbox/create-mail-store.ts';
import { initialMailboxWrites } from '../mail/mailbox/initial-mailboxes.ts';
import type { Delivery } from '../mail/mailbox/mail-store.ts';
import { parseAccountId, parseMessageId, sound } from '../mail/mailbox/types.ts';
import { scanMessage } from '../mail/message/scan-message.ts';
import type { Log } from '../mail/ports/log.ts';
import type { Wake } from '../mail/ports/wake.ts';
import type { Engine, Output } from '../mail/wire/engine.ts';

const messages = Number(process.argv[2] ?? 100_000);
const account = sound(parseAccountId('large'), 'account id');
const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (event, fault) => print(`${event}: ${String(fault)}`),
  with: () => silent,
};
const wake: Wake = {
  publish: () => Promise.resolve(),
  subscribe: () => Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() }),
};
const bytes = new Map<string, Buffer>();

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Takes everything at once, and knows how much there was and how much memory was used meanwhile. */
class Sink implements Output {
  octets = 0;
  last = '';
  mostHeap = 0;
  #waits = 0;
  write(written: Uint8Array | string): void {
    this.octets += written.length;
    this.last = Buffer.from(written).subarray(-80).toString('latin1');
  }
  ready(): Promise<void> {
    if ((this.#waits += 1) % 16 === 0)
      this.mostHeap = Math.max(this.mostHeap, process.memoryUsage().heapUsed);
    return new Promise((resolve) => setImmediate(resolve));
  }
  startTls(): Promise<never> {
    return Promise.reject(new Error('none'));
  }
  end(): void {}
  setIdleTimeout(): void {}
}

function delivery(number: number): Delivery {
  const id = `m${number}`;
  const text = Buffer.from(
    `Received: from mx.example.net by mx.example.test; Wed, 25 Nov 2026 10:00:00 +0000\r\n` +
      `From: "Sender ${number % 977}" <sender${number % 977}@example.net>\r\nTo: Paco <paco@example.test>\r\n` +
      `Subject: =?utf-8?q?Report_${number}_of_the_caf=C3=A9?=\r\nDate: Wed, 25 Nov 2026 10:00:00 +0000\r\n` +
      `Message-ID: <${id}@example.net>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n` +
      `${'Some words that stand in the text of a message.\r\n'.repeat(30)}number ${number}\r\n`,
  );
  const blobKey = `b/${id}`;
  if (number <= 10_000) bytes.set(blobKey, text);
  const receivedAt = new Date(1_795_000_000_000 + number * 1000);
  return {
    index: toIndex(scanMessage(text), {
      messageId: sound(parseMessageId(id), 'message id'),
      blobKey,
      receivedAt,
    }),
  };
}

const data = await mkdtemp(join(tmpdir(), 'posta-bench-'));
const environment = openEnvironment({ data });
try {
  const table = new EmbeddedTable({ environment, clock: systemClock() });
  const clock = systemClock();
  const blobs = {
    begin: () => {
      throw new Error('nothing is written');
    },
    head: () => Promise.resolve(undefined),
    async *read(key: string, range = { start: 0, end: Infinity }) {
      yield (bytes.get(key) ?? Buffer.alloc(0)).subarray(range.start, range.end);
    },
    copy: () => Promise.reject(new Error('nothing is copied')),
    delete: () => Promise.resolve(),
    list: () => Promise.resolve({ blobs: [] }),
  };
  const storeOf = () =>
    createMailStore({ table, blobs, wake, clock, log: silent, epoch: 1, random: randomBytes });
  await table.commit(initialMailboxWrites(account, { random: randomBytes, nowMs: Date.now(), epoch: 1 }));
  const filling = storeOf().account(account);
  for (let at = 0; at < messages; at += 1000)
    await filling.deliver(
      Array.from({ length: Math.min(1000, messages - at) }, (_, number) => delivery(at + number + 1)),
    );

  const session = async (store = storeOf()): Promise<{ engine: Engine; sink: Sink }> => {
    const sink = new Sink();
    const engine = imapEngine({
      store,
      blobs,
      watch: await AccountWatch.start({
        table,
        wake,
        clock: { now: () => 0, sleep: () => new Promise(() => {}) },
        log: silent,
      }),
      authenticator: {
        verify: async () => ({
          kind: 'ok',
          principal: {
            accountId: account,
            address: 'paco@example.test',
            passwordSince: '2026-01-01T00:00:00.000Z',
          },
        }),
      },
      mechanisms: [],
      tlsAvailable: true,
      loopbackPasswords: true,
      limits: imapLimits,
      clock,
      random: randomBytes,
      log: silent,
      metrics: { count: () => {}, gauge: () => {}, timeMs: () => {} },
    })(
      {
        id: 'bench',
        remoteAddress: '127.0.0.1',
        remotePort: 1,
        localAddress: '127.0.0.1',
        localPort: 143,
        loopback: true,
      },
      sink,
    );
    await engine.start(undefined);
    await engine.receive(Buffer.from('x LOGIN paco password\r\n'));
    return { engine, sink };
  };

  const timed = async (name: string, { engine, sink }: { engine: Engine; sink: Sink }, command: string) => {
    sink.octets = 0;
    globalThis.gc?.();
    const heap = process.memoryUsage().heapUsed;
    sink.mostHeap = heap;
    const start = performance.now();
    await engine.receive(Buffer.from(`x ${command}\r\n`));
    const ms = performance.now() - start;
    if (!/x OK [^\r\n]*\r\n$/.test(sink.last)) throw new Error(`${command}: ${sink.last}`);
    const grown = Math.max(0, sink.mostHeap - heap) / 2 ** 20;
    print(
      `${name}: ${ms.toFixed(1)} ms, ${(sink.octets / 1000).toFixed(0)} KB, heap +${grown.toFixed(0)} MB`,
    );
  };

  for (let round = 0; round < 3; round++) {
    const store = storeOf();
    const first = await session(store);
    await timed('SELECT, new process', first, 'SELECT INBOX');
    await timed('SELECT again, another session', await session(store), 'SELECT INBOX');
    await timed('UID FETCH 1:* (FLAGS)', first, 'UID FETCH 1:* (FLAGS)');
    await timed(
      'FETCH 1:* (ENVELOPE INTERNALDATE RFC822.SIZE), cold',
      first,
      'FETCH 1:* (ENVELOPE INTERNALDATE RFC822.SIZE)',
    );
    await timed('the same, warm', first, 'FETCH 1:* (ENVELOPE INTERNALDATE RFC822.SIZE)');
    await timed(
      'FETCH 1:* of header fields',
      first,
      'FETCH 1:* BODY.PEEK[HEADER.FIELDS (FROM SUBJECT DATE)]',
    );
    await timed('SEARCH UNSEEN', first, 'SEARCH UNSEEN');
  }
} finally {
  await environment.close();
  await rm(data, { recursive: true, force: true });
}
process.exit();
