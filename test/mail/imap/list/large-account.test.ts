/** LIST of as many folders as an account may have, to a client that reads slowly. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import type { AccountWatch } from '../../../../mail/mailbox/account-watch.ts';
import { maxFolders } from '../../../../mail/mailbox/limits.ts';
import type { MailStore } from '../../../../mail/mailbox/mail-store.ts';
import { imapEngine } from '../../../../mail/imap/engine.ts';
import { imapLimits } from '../../../../mail/imap/limits.ts';
import type { Blobs } from '../../../../mail/ports/blobs.ts';
import type { Output } from '../../../../mail/wire/engine.ts';
import { recordingLog } from '../../../contracts/recording-log.ts';
import { connectionOf, transcriptTls } from '../../../transcripts/recorded-session.ts';
import { fakeAuthenticator } from '../fake-authenticator.ts';
import { folderList } from './folder-list.ts';

/** What `Output` lets an engine write between two waits. */
const maxUnwaitedOctets = 65_536;

/** Takes all that was written when it is waited for, one turn later; counts what waited before. */
class SlowOutput implements Output {
  readonly lines: string[] = [];
  mostWaiting = 0;
  waits = 0;
  #waiting = 0;
  #line = '';
  write(bytes: Uint8Array | string): void {
    this.#waiting += bytes.length;
    this.mostWaiting = Math.max(this.mostWaiting, this.#waiting);
    const lines = (this.#line + Buffer.from(bytes).toString('latin1')).split('\r\n');
    this.#line = lines.pop() ?? '';
    this.lines.push(...lines);
  }
  async ready(): Promise<void> {
    await turn();
    this.waits += 1;
    this.#waiting = 0;
  }
  startTls(): Promise<never> {
    return Promise.reject(new Error('none'));
  }
  end(): void {}
  setIdleTimeout(): void {}
}

/** Folders of the longest names that there may be, all that the account may have. */
const list = folderList({
  folders: Array.from({ length: maxFolders }, (_, at) => `${'a/'.repeat(15)}${'a'.repeat(240)}${at}`),
});

/** The lines of the answer, and the output. */
async function answered(command: string): Promise<SlowOutput> {
  const output = new SlowOutput();
  const mail = { listFolders: async () => list };
  const engine = imapEngine({
    store: { account: () => mail } as unknown as MailStore,
    blobs: {} as Blobs,
    watch: {} as AccountWatch,
    authenticator: fakeAuthenticator(''),
    mechanisms: [],
    tlsAvailable: true,
    loopbackPasswords: true,
    limits: imapLimits,
    clock: { now: () => 0, sleep: async () => {} },
    random: (size) => new Uint8Array(size),
    log: recordingLog(),
    metrics: { count: () => {}, gauge: () => {}, timeMs: () => {} },
  })(connectionOf(1, ['tls']), output);
  await engine.start(transcriptTls);
  await engine.receive(Buffer.from('a LOGIN paco@example.test secret\r\n'));
  output.lines.length = 0;
  await engine.receive(Buffer.from(`b ${command}\r\n`));
  await engine.closed();
  return output;
}

test('LIST of 2,000 folders waits for a client that reads slowly', async () => {
  const output = await answered('LIST "" *');
  assert.equal(output.lines.length, maxFolders + 1);
  assert.equal(output.lines.at(-1), 'b OK LIST completed');
  assert.ok(output.waits > 10);
  assert.ok(output.mostWaiting <= maxUnwaitedOctets, `${output.mostWaiting} octets waited`);
});

test('others get their turn while a hostile pattern is held against 2,000 names', async () => {
  let turns = 0;
  const over = new AbortController();
  const others = (async () => {
    while (!over.signal.aborted) {
      turns += 1;
      await turn();
    }
  })();
  const output = await answered(`LIST "" ${'*a%'.repeat(100)}b`);
  over.abort();
  await others;
  assert.deepEqual(output.lines, ['b OK LIST completed']);
  assert.ok(turns > 50, `${turns} turns`);
});
