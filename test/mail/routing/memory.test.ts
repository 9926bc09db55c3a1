/** Many clients that send enormous headers at once: what the server holds for each stays under 1 MB. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '../../../drivers/system/clock.ts';
import type { AcceptPorts } from '../../../mail/routing/accept-ports.ts';
import { AskedRecipients } from '../../../mail/routing/asked-recipients.ts';
import { IncomingMessage } from '../../../mail/routing/incoming-message.ts';
import type { Job, Queue } from '../../../mail/ports/queue.ts';
import type { RouteJob } from '../../../mail/routing/jobs.ts';
import type { SmtpClient } from '../../../mail/smtp/host.ts';
import { recordingLog } from '../../contracts/recording-log.ts';
import { temporaryBlobs } from '../../drivers/embedded/temporary-blobs.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const connections = 40;
const chunkBytes = 1000;
const maxBytesEach = 1024 * 1024;
/** Where it is measured: before the message leaves the memory, as it does, with the header full, and far past that. */
const measuredAt = [60_000, 120_000, 140_000, 260_000, 1_200_000];

const client: SmtpClient = {
  role: 'mta',
  connection: {
    id: 's1',
    remoteAddress: '192.0.2.7',
    remotePort: 40_000,
    localAddress: '192.0.2.25',
    localPort: 25,
    loopback: false,
  },
  helo: 'mail.elsewhere.test',
  extended: true,
};

function heldBytes(): number {
  collectGarbage();
  // What the first leaves to another thread to free is counted until the second.
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A queue that answers only when it is let: until then the messages stand at the end of their way. */
function heldQueue(): { readonly queue: Queue<RouteJob>; readonly all: Promise<void>; letGo(): void } {
  const gate = Promise.withResolvers<void>();
  const all = Promise.withResolvers<void>();
  let sent = 0;
  const send = async (_jobs: readonly Job<RouteJob>[]) => {
    if ((sent += 1) === connections) all.resolve();
    await gate.promise;
  };
  return { queue: { send } as Queue<RouteJob>, all: all.promise, letGo: gate.resolve };
}

for (const [what, line] of [
  ['fields of 70 octets', `X-Filler: ${'x'.repeat(58)}\r\n`],
  ['fields of nothing', 'A:\r\n'],
  ['one field without an end', 'x'],
] as const)
  test(`${connections} connections that drip ${what} hold less than 1 MB each`, async () => {
    await using opened = await temporaryBlobs();
    const held = heldQueue();
    const ports = {
      blobs: opened.blobs,
      routeQueue: held.queue,
      clock: systemClock(),
      log: recordingLog(),
      hostname: 'mx.example.test',
      directory: { resolveRecipient: () => assert.fail('there are two recipients') },
    } as unknown as AcceptPorts;
    const recipients = ['paco', 'pepe'].map((localPart) => ({
      address: { localPart, domain: 'example.test' },
    }));
    const envelope = { reversePath: null, recipients, body: '7BIT', smtpUtf8: false } as const;
    const asked = new AskedRecipients(ports);
    const before = heldBytes();
    const messages = Array.from(
      { length: connections },
      (_, at) => new IncomingMessage(ports, { envelope, client, messageId: `m${at}`, recipients: asked }),
    );
    const check = (when: string) => {
      const each = (heldBytes() - before) / connections;
      assert.ok(each < maxBytesEach, `${Math.round(each / 1024)} KB for each ${when}`);
    };
    const header = Buffer.alloc(chunkBytes * line.length, line);
    for (let sent = 0, measured = 0; measured < measuredAt.length; sent += chunkBytes) {
      if (sent >= (measuredAt[measured] ?? 0)) check(`after ${measuredAt[measured++]} octets`);
      const at = sent % header.length;
      // A fresh array each time, as from a socket: what is kept of it would count.
      await Promise.all(
        messages.map((message) => message.write(Buffer.from(header.subarray(at, at + chunkBytes)))),
      );
      // Nor do two come in one turn of the event loop; what a turn has used goes only after it.
      await turn();
    }
    const finished = messages.map((message) => message.finish());
    await held.all;
    check('at the end');
    held.letGo();
    for (const { kind } of await Promise.all(finished)) assert.equal(kind, 'queued');
  });
