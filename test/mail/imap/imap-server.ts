/**
 * An IMAP server without sockets, over a real mail store: a table, such as the embedded one in a temporary directory, and
 * blobs, in memory unless others are given. Transcripts are played to it. It has the accounts paco@example.test and maria@example.test, whose password is
 * `secret`; INBOX has the uidValidity 1795608000, Sent, Drafts, Trash, Junk and Archive the numbers that follow.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loginMechanism } from '../../../mail/auth/sasl/login.ts';
import { plainMechanism } from '../../../mail/auth/sasl/plain.ts';
import { toIndex } from '../../../mail/delivery/index-message.ts';
import { imapEngine } from '../../../mail/imap/engine.ts';
import { imapLimits, type ImapLimits } from '../../../mail/imap/limits.ts';
import type { ImapOptions } from '../../../mail/imap/options.ts';
import { AccountWatch } from '../../../mail/mailbox/account-watch.ts';
import { createMailStore } from '../../../mail/mailbox/create-mail-store.ts';
import { systemFlags } from '../../../mail/mailbox/flags.ts';
import { initialMailboxWrites } from '../../../mail/mailbox/initial-mailboxes.ts';
import type { AccountMail, MailStore } from '../../../mail/mailbox/mail-store.ts';
import {
  newId,
  parseAccountId,
  parseMessageId,
  sound,
  type RandomBytes,
} from '../../../mail/mailbox/types.ts';
import { scanMessage } from '../../../mail/message/scan-message.ts';
import type { Blobs } from '../../../mail/ports/blobs.ts';
import type { Table } from '../../../mail/ports/table.ts';
import type { EngineFactory } from '../../../mail/wire/engine.ts';
import { recordingLog } from '../../contracts/recording-log.ts';
import { unescape } from '../../transcripts/read-transcript.ts';
import { connectionOf, RecordedSession } from '../../transcripts/recorded-session.ts';
import type { TranscriptServer } from '../../transcripts/run-transcript.ts';
import { MemoryBlobs, seededRandom, type temporaryTable } from '../mailbox/mail-kit.ts';
import { CountingTable } from './counting-table.ts';
import { fakeAuthenticator } from './fake-authenticator.ts';
import { FaultyBlobs } from './faulty-blobs.ts';
import { ImapSession } from './imap-session.ts';
import { LocalWake } from './local-wake.ts';
import { SteppedClock } from './stepped-clock.ts';

/** When everything takes place, unless `! pass` lets time pass. */
export const testNow = Date.parse('2026-11-25T12:00:00Z');
const samples = join(import.meta.dirname, '../../messages');

/** One table for all servers of a test file: each has accounts of its own in it. */
export type TestTable = Awaited<ReturnType<typeof temporaryTable>>;
let servers = 0;

interface TestStorage {
  readonly table: Table;
  readonly blobs?: Blobs;
}

export class ImapServer implements TranscriptServer {
  /** Where the bytes are, unless other blobs were given. */
  readonly memory = new MemoryBlobs();
  readonly blobs: FaultyBlobs;
  readonly wake = new LocalWake();
  readonly clock = new SteppedClock({ now: testNow, settled: () => this.settled() });
  readonly log = recordingLog();
  readonly metrics: string[] = [];
  readonly table: CountingTable;
  readonly #number = (servers += 1);
  readonly #prefix = `run${this.#number}-`;
  /** Each with the views of a process of its own. */
  readonly #processes: { readonly store: MailStore; readonly watch: AccountWatch & AsyncDisposable }[] = [];
  #process = 0;
  #settings: Partial<ImapOptions> = {};
  #limits: ImapLimits = imapLimits;
  /** Faults that the transcript has told. */
  #expectedFaults = 0;
  /** What sessions have not given back. */
  #held = 0;

  readonly #ids: RandomBytes;
  /** Of all sessions together: two of them must not give one id to two messages. */
  readonly #sessionIds: RandomBytes;

  private constructor({ table, blobs }: TestStorage) {
    this.table = new CountingTable(table);
    this.blobs = new FaultyBlobs(blobs ?? this.memory);
    this.#ids = this.#seeded(300);
    this.#sessionIds = this.#seeded(200);
  }

  /** Ids that no other server on the table gives, the same in every run. */
  #seeded(seed: number): RandomBytes {
    return seededRandom(this.#number * 1000 + seed);
  }

  /** `blobs`: in memory unless given. */
  static async open(storage: TestStorage): Promise<ImapServer> {
    const server = new ImapServer(storage);
    const { table } = storage;
    const writes = ['paco', 'maria'].flatMap((name) =>
      initialMailboxWrites(server.#id(name), {
        random: server.#seeded(name.length),
        nowMs: testNow,
        epoch: 1,
      }),
    );
    await table.commit(writes, { until: 'visible' });
    await server.#addProcess();
    return server;
  }

  async #addProcess(): Promise<void> {
    const { blobs, wake, clock, log } = this;
    const table = this.table;
    const store = createMailStore({
      table,
      blobs,
      wake,
      clock: { now: () => clock.now(), sleep: () => new Promise((resolve) => setImmediate(resolve)) },
      log,
      epoch: 1,
      random: this.#seeded(100 + this.#processes.length),
    });
    this.#processes.push({ store, watch: await AccountWatch.start({ table, wake, clock, log }) });
  }

  readonly connect: EngineFactory = (connection, output) => this.engines()(connection, output);

  /** Sessions made by the same ones share what a process keeps for all. */
  engines(): EngineFactory {
    const process = this.#processes[this.#process];
    assert.ok(process !== undefined);
    const count = (name: string, dimensions: Readonly<Record<string, string>> = {}) => {
      this.metrics.push([name, ...Object.values(dimensions)].join(' '));
    };
    return imapEngine({
      store: this.#counted(process.store),
      watch: this.#countedWatch(process.watch),
      blobs: this.blobs,
      authenticator: fakeAuthenticator(this.#prefix),
      mechanisms: [plainMechanism, loginMechanism],
      tlsAvailable: true,
      loopbackPasswords: true,
      limits: this.#limits,
      clock: this.clock,
      random: this.#sessionIds,
      log: this.log,
      metrics: { count, gauge: () => {}, timeMs: () => {} },
      ...this.#settings,
    });
  }

  /** The same store; mailboxes that sessions have open are held. */
  #counted(store: MailStore): MailStore {
    return {
      ...store,
      account: (id) => {
        const mail = store.account(id);
        return {
          ...mail,
          openByName: async (name) => {
            const opened = await mail.openByName(name);
            if (opened.kind !== 'open') return opened;
            this.#held += 1;
            return {
              ...opened,
              close: () => {
                this.#held -= 1;
                opened.close();
              },
            };
          },
        };
      },
    };
  }

  /** The same watch; those that listen are held. */
  #countedWatch(watch: AccountWatch): AccountWatch {
    const counted: Pick<AccountWatch, 'watch'> = {
      watch: (account, listener) => {
        this.#held += 1;
        const watching = watch.watch(account, listener);
        return {
          [Symbol.dispose]: () => {
            this.#held -= 1;
            watching[Symbol.dispose]();
          },
        };
      },
    };
    return counted as AccountWatch;
  }

  /** `! connect as=paco in=INBOX`: logged in, and with a mailbox selected; `examined=INBOX` read-only. */
  async begin(recorded: RecordedSession, words: readonly string[]): Promise<void> {
    const value = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
    const [user, selected, examined] = [value('as'), value('in'), value('examined')];
    const session = new ImapSession(recorded);
    if (user !== undefined) await session.logIn(user);
    if (selected !== undefined) await session.ok(`SELECT "${selected}"`);
    if (examined !== undefined) await session.ok(`EXAMINE "${examined}"`);
  }

  /**
   * - `message [of=maria] [in=Sent] [flags=\Seen,$Work] [at=2026-01-31T10:00:00Z] Subject: x\r\n\r\n…`: one is
   *   delivered; the words in this order.
   * - `sample [in=Sent] attachments.eml`: the same with a file of test/messages.
   * - `messages 20`: so many small ones in INBOX.
   * - `quota 1000`: octets that paco may have; `quota none`.
   * - `expunge 3`: the message with that uid is taken out of paco's INBOX by another process.
   * - `delete folder`, `rename from to`: by another process.
   * - `process 2`: sessions that connect from here on are of that process.
   * - `wake lost`: no process hears of changes from here on; `wake heard` again.
   * - `pass 240`: so many seconds.
   * - `limit badCommands 3`: of `ImapLimits`, for sessions that connect from here on.
   * - `no certificate`, `no loopback passwords`.
   * - `fault read`, `fault write`, `fault none`: of the bytes, from here on.
   * - `faults 1`: so many are in the log; without it there must be none.
   */
  async direct(name: string, argument: string): Promise<boolean> {
    const [first = '', second = ''] = argument.split(' ');
    switch (name) {
      case 'message':
        await this.#deliverMessage(argument);
        return true;
      case 'sample':
        await this.deliver(readFileSync(join(samples, second === '' ? first : second)), {
          folder: /^in=(.*)$/.exec(first)?.[1] ?? 'INBOX',
        });
        return true;
      case 'messages':
        for (let number = 1; number <= Number(first); number++)
          await this.deliver(Buffer.from(`Subject: message ${number}\r\n\r\nText ${number}\r\n`));
        return true;
      case 'quota':
        await this.mail().setQuota(first === 'none' ? undefined : Number(first));
        return true;
      case 'expunge':
        await this.#expunge(argument.split(' ').map(Number));
        return true;
      case 'delete':
        await this.mail().deleteFolder(argument);
        return true;
      case 'rename':
        await this.mail().renameFolder({ from: first, to: second });
        return true;
      case 'process':
        this.#process = Number(first) - 1;
        while (this.#processes.length <= this.#process) await this.#addProcess();
        return true;
      case 'wake':
        this.wake.lost = first === 'lost';
        return true;
      case 'pass':
        await this.clock.pass(Number(first) * 1000);
        return true;
      case 'limit':
        this.#limits = { ...this.#limits, [first]: Number(second) };
        return true;
      case 'no':
        this.#settings = {
          ...this.#settings,
          ...(first === 'certificate' ? { tlsAvailable: false } : { loopbackPasswords: false }),
        };
        return true;
      case 'fault':
        this.blobs.faulty = first;
        return true;
      case 'faults':
        this.#expectedFaults = Number(first);
        return true;
      default:
        return false;
    }
  }

  async #deliverMessage(argument: string): Promise<void> {
    const words = /^(?:of=(\S+) )?(?:in=(\S+) )?(?:flags=(\S+) )?(?:at=(\S+) )?(.*)$/.exec(argument);
    const [, of, folder, flags, at, text = ''] = words ?? [];
    await this.deliver(unescape(text), {
      ...(of === undefined ? {} : { of }),
      ...(folder === undefined ? {} : { folder }),
      ...(flags === undefined ? {} : { flags: flags.split(',') }),
      ...(at === undefined ? {} : { at: new Date(at) }),
    });
  }

  /** Sessions in IDLE have said what they hear: table and bytes have not been asked for some turns. */
  async settled(): Promise<void> {
    for (let quietTurns = 0; quietTurns < 4; quietTurns++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.table.pending > 0 || this.blobs.pending > 0) quietTurns = 0;
    }
  }

  /** The mail of an account, as another process than those of the sessions sees it. */
  mail(of = 'paco'): AccountMail {
    const [process] = this.#processes;
    assert.ok(process !== undefined);
    return process.store.account(this.#id(of));
  }

  /** Delivers a message; at `testNow` unless told. */
  async deliver(
    bytes: Uint8Array,
    options: {
      readonly of?: string;
      readonly folder?: string;
      readonly flags?: readonly string[];
      readonly at?: Date;
    } = {},
  ): Promise<void> {
    const { of = 'paco', folder = 'INBOX', flags = [], at = new Date(testNow) } = options;
    const messageId = sound(parseMessageId(newId(this.#ids)), 'message id');
    const blobKey = `incoming/${messageId}.eml`;
    const upload = this.blobs.begin();
    await upload.write(bytes);
    await upload.finish({ key: blobKey });
    const index = toIndex(scanMessage(bytes), { messageId, blobKey, receivedAt: at });
    const system = flags
      .filter((flag) => flag.startsWith('\\'))
      .reduce(
        (sum, flag) => sum | (systemFlags[flag.slice(1).toLowerCase() as keyof typeof systemFlags] ?? 0),
        0,
      );
    const keywords = flags.filter((flag) => !flag.startsWith('\\'));
    const [outcome] = await this.mail(of).deliver([{ index, folder, flags: { system, keywords } }]);
    assert.equal(outcome?.kind, 'delivered');
  }

  async #expunge(uids: readonly number[]): Promise<void> {
    const found = await this.mail().findMailbox('INBOX');
    assert.equal(found.kind, 'found');
    if (found.kind !== 'found') return;
    await this.mail().expunge({ mailbox: found.mailbox, uids: uids as never, any: true });
  }

  #id(name: string) {
    return sound(parseAccountId(`${this.#prefix}${name}`), 'account id');
  }

  /** After every session: nothing was logged that must not be, and no fault was overlooked. */
  async finish(): Promise<void> {
    this.clock.end();
    for (const { store, watch } of this.#processes) {
      await store.settled();
      await watch[Symbol.asyncDispose]();
    }
    assert.equal(this.#held, 0, 'a session that is closed holds a mailbox');
    assert.equal(this.faults.length, this.#expectedFaults, `faults: ${this.faults.join(', ')}`);
    assert.doesNotMatch(JSON.stringify(this.log.lines), /secret|c2VjcmV0/, 'a password is in the log');
  }

  /** What was told as a fault. */
  get faults(): readonly string[] {
    return this.log.lines.filter(({ level }) => level === 'error').map(({ fault }) => String(fault));
  }

  /** A session of its own, begun; the words are those of `! connect`. */
  async session(...words: readonly string[]): Promise<ImapSession> {
    const session = new RecordedSession(connectionOf(1, words), this.connect);
    await session.start(words.includes('tls'));
    return new ImapSession(session);
  }
}
