/**
 * How fast SEARCH is on one machine: `node bench/imap-search.ts`. A mailbox of 10,000 messages of 2 KB, two thirds of
 * them with a text and an HTML part, in the embedded table and blobs; nothing is found, so that all of them are looked at.
 *
 * Milliseconds of the processor, Node 24.21, 2 shared cores, 2026-11-26, the best of six in one session:
 *
 *     UNSEEN                      1    HEADER X-None none         190
 *     SINCE … LARGER …            1    HEADER Received none       450
 *     FROM nobody            1 (40)    BODY nothing               340
 *     SUBJECT nothing        1 (23)    TEXT nothing               430
 *     SENTON 1-Jan-1990          34    FROM nobody BODY x      1 (38)
 *     RETURN (MIN) SUBJECT …      0
 *
 * In parentheses the first time: later searches of the mailbox know the field. About 15 of it is reading 10,000 envelopes
 * from the table; where a header's cache or a text is wanted, whole indexes are read in 100. A header's cache takes 15 µs
 * to inflate, so that HEADER costs more than FROM and SUBJECT.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBlobs } from '../drivers/embedded/blobs/blobs.ts';
import { openEnvironment } from '../drivers/embedded/environment.ts';
import { EmbeddedTable } from '../drivers/embedded/table.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { toIndex } from '../mail/delivery/index-message.ts';
import { imapEngine } from '../mail/imap/engine.ts';
import { imapLimits } from '../mail/imap/limits.ts';
import { AccountWatch } from '../mail/mailbox/account-watch.ts';
import { createMailStore } from '../mail/mailbox/create-mail-store.ts';
import { initialMailboxWrites } from '../mail/mailbox/initial-mailboxes.ts';
import { parseAccountId, parseMessageId, sound } from '../mail/mailbox/types.ts';
import { scanMessage } from '../mail/message/scan-message.ts';
import type { Log } from '../mail/ports/log.ts';
import type { Wake } from '../mail/ports/wake.ts';
import type { Output } from '../mail/wire/engine.ts';

const messages = 10_000;
const batch = 500;
const programs = [
  'UNSEEN',
  'SINCE 1-Jan-2026 LARGER 100',
  'FROM nobody',
  'SUBJECT nothing',
  'SENTON 1-Jan-1990',
  'HEADER X-None none',
  'HEADER Received none',
  'BODY nothing',
  'TEXT nothing',
  'FROM nobody BODY x',
  'RETURN (MIN) SUBJECT number',
];

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (event, fault) => {
    throw new Error(event, { cause: fault });
  },
  with: () => silent,
};
const wake: Wake = {
  publish: () => Promise.resolve(),
  subscribe: () => Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() }),
};

/** About 1 KB of words in lines. */
const words = 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do\r\n'.repeat(16);

function messageNumber(number: number): Buffer {
  const name = number % 3 === 0 ? '=?utf-8?Q?Jos=C3=A9_P=C3=A9rez?=' : 'Ana Lopez';
  const head = [
    `Received: from mail.example.org by mx.example.test with ESMTPS id ${number}; Tue, 24 Nov 2026 02:21:11 +0000`,
    `DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x; b=${randomBytes(128).toString('base64')}`,
    `From: ${name} <user${number % 97}@example.org>`,
    'To: "Paco" <paco@example.test>, Maria <maria@example.test>',
    `Subject: Re: number ${number}`,
    'Date: Tue, 24 Nov 2026 02:21:11 +0000',
    `Message-ID: <${randomBytes(12).toString('hex')}@example.org>`,
    'MIME-Version: 1.0',
  ];
  if (number % 3 === 0) return lines(...head, '', words, words);
  const part = (type: string) => ['--b', `Content-Type: ${type}; charset=utf-8`, '', words];
  return lines(
    ...head,
    'Content-Type: multipart/alternative; boundary=b',
    '',
    ...part('text/plain'),
    ...part('text/html'),
    '--b--',
    '',
  );
}

function lines(...all: readonly string[]): Buffer {
  return Buffer.from(all.join('\r\n'));
}

const data = await mkdtemp(join(tmpdir(), 'posta-bench-'));
const environment = openEnvironment({ data });
const clock = systemClock();
const table = new EmbeddedTable({ environment, clock });
const blobs = await openBlobs({ directory: join(data, 'blobs'), environment, clock, log: silent });
const store = createMailStore({ table, blobs, wake, clock, log: silent, epoch: 1, random: randomBytes });
const account = sound(parseAccountId('paco'), 'account id');

async function fill(): Promise<void> {
  const initial = { random: randomBytes, nowMs: Date.now(), epoch: 1 };
  await table.commit(initialMailboxWrites(account, initial), { until: 'visible' });
  for (let from = 0; from < messages; from += batch)
    await store.account(account).deliver(
      await Promise.all(
        Array.from({ length: batch }, async (_, at) => {
          const bytes = messageNumber(from + at);
          const messageId = sound(parseMessageId(`m${from + at}`), 'message id');
          const blobKey = `mailboxes/example.test/paco~1/2026-11/${messageId}.eml`;
          const upload = blobs.begin();
          await upload.write(bytes);
          await upload.finish({ key: blobKey });
          return { index: toIndex(scanMessage(bytes), { messageId, blobKey, receivedAt: new Date() }) };
        }),
      ),
    );
}

/** A session with INBOX selected; `say` answers the last line. */
async function session() {
  const engine = imapEngine({
    store,
    blobs,
    watch: await AccountWatch.start({ table, wake, clock, log: silent }),
    authenticator: {
      verify: () =>
        Promise.resolve({
          kind: 'ok',
          principal: {
            accountId: account,
            address: 'paco@example.test',
            passwordSince: '2026-01-01T00:00:00.000Z',
          },
        }),
    },
    mechanisms: [],
    tlsAvailable: false,
    loopbackPasswords: true,
    limits: imapLimits,
    clock,
    random: randomBytes,
    log: silent,
    metrics: { count: () => undefined, gauge: () => undefined, timeMs: () => undefined },
  });
  let said = '';
  const output: Output = {
    write: (bytes) => void (said = Buffer.from(bytes).toString('latin1')),
    ready: () => Promise.resolve(),
    startTls: () => Promise.reject(new Error('none')),
    end: () => undefined,
    setIdleTimeout: () => undefined,
  };
  const here = '127.0.0.1';
  const connection = {
    id: '1',
    remoteAddress: here,
    remotePort: 1,
    localAddress: here,
    localPort: 143,
    loopback: true,
  };
  const opened = engine(connection, output);
  await opened.start(undefined);
  const say = async (line: string) => {
    await opened.receive(Buffer.from(`x ${line}\r\n`));
    if (!/x OK .*\r\n$/.test(said)) throw new Error(`${line}: ${said}`);
  };
  await say('LOGIN paco@example.test x');
  await say('SELECT INBOX');
  return say;
}

/** The best of some runs, as time on the wall and of the processor, in milliseconds. */
async function best(run: () => Promise<void>): Promise<readonly [number, number]> {
  const times: (readonly [number, number])[] = [];
  for (let round = 0; round < 6; round += 1) {
    const start = performance.now();
    const cpu = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(cpu);
    times.push([performance.now() - start, (user + system) / 1000]);
  }
  return [Math.min(...times.map(([wall]) => wall)), Math.min(...times.map(([, processor]) => processor))];
}

await fill();
const say = await session();
for (const program of programs) {
  const [wall, processor] = await best(() => say(`UID SEARCH ${program}`));
  process.stdout.write(`${program.padEnd(30)} ${wall.toFixed(0)} ms, processor ${processor.toFixed(0)} ms\n`);
}
await blobs.close();
await environment.close();
await rm(data, { recursive: true });
process.exit(0);
