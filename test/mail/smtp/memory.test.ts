/** A large message and a slow host: what waits in the engine stays small, whatever the client sends. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Incoming, SmtpHost } from '../../../mail/smtp/host.ts';
import { ready } from './dialog.ts';
import { FakeHost } from './fake-host.ts';

const chunkBytes = 16_384;
const messageBytes = 50 * 1024 * 1024;
/** What may wait between the client and the host: one chunk, and what decoding holds back of it. */
const maxWaitingBytes = 2 * chunkBytes;

/** Takes one chunk at a time, keeps none, and measures how much it was not given yet. */
class SlowHost extends FakeHost implements SmtpHost {
  taken = 0;
  sent = 0;
  mostWaiting = 0;
  writing = 0;
  override async begin(): Promise<{ readonly kind: 'ok'; readonly incoming: Incoming }> {
    const incoming: Incoming = {
      write: async (bytes) => {
        this.writing += 1;
        assert.equal(this.writing, 1, 'the host is given one chunk at a time');
        this.mostWaiting = Math.max(this.mostWaiting, this.sent - this.taken);
        await turn();
        this.taken += bytes.length;
        this.writing -= 1;
      },
      finish: async () => ({ kind: 'queued', id: 'large' }),
      abort: async () => {},
    };
    return { kind: 'ok', incoming };
  }
}

for (const command of ['DATA', `BDAT ${messageBytes} LAST`])
  test(`50 MB by ${command} are handed on as they come, and the client waits for the host`, async () => {
    const host = new SlowHost();
    const dialog = await ready({ host });
    await dialog.envelope();
    await dialog.say(command);
    const line = `${'x'.repeat(62)}\r\n`;
    const chunk = Buffer.from(line.repeat(chunkBytes / line.length));
    let said = '';
    for (let at = 0; at < messageBytes; at += chunkBytes) {
      host.sent += chunkBytes;
      // A fresh array each time, as from a socket: what is kept of it would count.
      said += await dialog.send(Buffer.from(chunk));
      assert.ok(host.sent - host.taken <= 3, 'receive resolves only when the host has taken the chunk');
    }
    if (command === 'DATA') said += await dialog.say('.');
    assert.match(said, /queued as large/);
    assert.equal(host.taken, messageBytes);
    assert.ok(host.mostWaiting <= maxWaitingBytes, `${host.mostWaiting} octets waited`);
  });

test('a thousand recipients written as long as they may be hold less than 1 MB', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const heldBytes = async () => {
    // What the tests before have left goes at the second time only.
    for (let times = 0; times < 3; times++) {
      collectGarbage();
      await turn();
    }
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const dialog = await ready();
  await dialog.say('MAIL FROM:<>');
  const route = `@${'a.'.repeat(100)}example`;
  const before = await heldBytes();
  for (let number = 0; number < 1000; number++) {
    const path = `${Array.from({ length: 8 }, () => route).join(',')}:a-recipient-with-a-long-name-${number}@example.test`;
    assert.match(await dialog.say(`RCPT TO:<${path}>`), /^250 /);
  }
  const held = (await heldBytes()) - before;
  assert.ok(held < 1024 * 1024, `${held} octets`);
  await dialog.engine.closed();
});
