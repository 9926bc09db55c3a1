/** A client that reads slowly: what waits between storage and the client stays small, whatever is sent. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { plainMechanism } from '../../../mail/auth/sasl/plain.ts';
import { pop3Engine } from '../../../mail/pop3/engine.ts';
import { pop3Limits } from '../../../mail/pop3/limits.ts';
import type { Maildrop } from '../../../mail/pop3/maildrop.ts';
import type { Output } from '../../../mail/wire/engine.ts';
import { recordingLog } from '../../contracts/recording-log.ts';
import { connectionOf, transcriptTls } from '../../transcripts/recorded-session.ts';
import { fakeAuthenticator } from './fake-maildrops.ts';

const chunkOctets = 65_536;
/** What `Output` lets an engine write between two waits. */
const maxUnwaitedOctets = 65_536;

/** Takes all that was written when it is waited for, one turn later; counts what waited before. */
class SlowOutput implements Output {
  written = 0;
  mostWaiting = 0;
  /** The last octets. */
  tail = '';
  #waiting = 0;
  write(bytes: Uint8Array | string): void {
    this.written += bytes.length;
    this.#waiting += bytes.length;
    this.mostWaiting = Math.max(this.mostWaiting, this.#waiting);
    this.tail = (this.tail + Buffer.from(bytes).subarray(-5).toString()).slice(-5);
  }
  async ready(): Promise<void> {
    await turn();
    this.#waiting = 0;
  }
  startTls(): Promise<never> {
    return Promise.reject(new Error('none'));
  }
  end(): void {}
  setIdleTimeout(): void {}
}

/** Logs in over a maildrop and sends `command`. */
async function played(
  maildrop: Omit<Maildrop, 'kind' | 'commit' | 'release'>,
  output: Output,
  command: string,
) {
  const open: Maildrop = {
    kind: 'open',
    commit: async () => 'done',
    release: async () => {},
    ...maildrop,
  };
  const engine = pop3Engine({
    host: { open: async () => open },
    authenticator: fakeAuthenticator,
    mechanisms: [plainMechanism],
    tlsAvailable: true,
    loopbackPasswords: false,
    limits: pop3Limits,
    clock: { now: () => 0, sleep: async () => {} },
    log: recordingLog(),
    metrics: { count: () => {}, gauge: () => {}, timeMs: () => {} },
  })(connectionOf(1, ['tls']), output);
  await engine.start(transcriptTls);
  await engine.receive(Buffer.from(`USER paco@example.test\r\nPASS secret\r\n${command}\r\n`));
  await engine.closed();
}

for (const [megabytes, what, line, overhead] of [
  [50, 'lines of text', `${'x'.repeat(62)}\r\n`, 1],
  [8, 'lines of a lone dot, each of which is stuffed', '.\r\n', 4 / 3],
  [50, 'one line without an end', 'x', 1],
] as const)
  test(`${megabytes} MB of ${what} are sent as the client takes them`, async () => {
    const sizeBytes = megabytes * 1024 * 1024;
    const output = new SlowOutput();
    const chunk = Buffer.alloc(chunkOctets, line);
    let mostAhead = 0;
    async function* read(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < sizeBytes; at += chunkOctets) {
        mostAhead = Math.max(mostAhead, at - output.written);
        yield chunk;
      }
    }
    await played({ messages: [{ uidl: '1', sizeBytes }], read }, output, 'RETR 1');
    assert.ok(output.written >= sizeBytes * overhead * 0.99, `${output.written} octets`);
    assert.ok(output.tail.endsWith('\r\n.\r\n'), JSON.stringify(output.tail));
    assert.ok(output.mostWaiting <= maxUnwaitedOctets, `${output.mostWaiting} octets waited`);
    assert.ok(mostAhead <= chunkOctets, `storage was read ${mostAhead} octets ahead`);
  });

test('the listing of 100,000 messages waits for the client too', async () => {
  const messages = Array.from({ length: 100_000 }, (_, at) => ({
    uidl: `1790000000.${at + 1}`,
    sizeBytes: at,
  }));
  for (const command of ['LIST', 'UIDL']) {
    const output = new SlowOutput();
    await played({ messages, read: () => assert.fail('nothing is read') }, output, command);
    assert.ok(output.written > 1_000_000);
    assert.ok(output.mostWaiting <= maxUnwaitedOctets, `${output.mostWaiting} octets waited`);
  }
});

test('a client that pipelines and does not read is waited for', async () => {
  const output = new SlowOutput();
  await played(
    { messages: [], read: () => assert.fail('nothing is read') },
    output,
    'CAPA\r\n'.repeat(5_000),
  );
  assert.ok(output.written > 500_000);
  assert.ok(output.mostWaiting <= maxUnwaitedOctets, `${output.mostWaiting} octets waited`);
});
