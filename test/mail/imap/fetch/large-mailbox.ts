/** A mailbox of many messages that exist only when they are asked for, and a client that takes what it is sent slowly. */
import { setImmediate as turn } from 'node:timers/promises';
import type { AccountWatch } from '../../../../mail/mailbox/account-watch.ts';
import type { MailStore, OpenMailbox } from '../../../../mail/mailbox/mail-store.ts';
import { emptyMailboxState } from '../../../../mail/mailbox/mailbox-state.ts';
import { MessageColumns } from '../../../../mail/mailbox/message-columns.ts';
import type { MessageIndex } from '../../../../mail/mailbox/message-index.ts';
import {
  parseAccountId,
  parseMailboxId,
  parseMessageId,
  parseRev,
  parseUid,
  sound,
  type Uid,
} from '../../../../mail/mailbox/types.ts';
import { MailboxView } from '../../../../mail/mailbox/view.ts';
import { imapEngine } from '../../../../mail/imap/engine.ts';
import { imapLimits } from '../../../../mail/imap/limits.ts';
import type { Blobs, ByteRange } from '../../../../mail/ports/blobs.ts';
import { ConnectionEnded, type Engine, type Output } from '../../../../mail/wire/engine.ts';
import { recordingLog } from '../../../contracts/recording-log.ts';
import { connectionOf, transcriptTls } from '../../../transcripts/recorded-session.ts';
import { fakeAuthenticator } from '../fake-authenticator.ts';

const account = sound(parseAccountId('paco'), 'account id');
const mailbox = sound(parseMailboxId('inbox'), 'mailbox id');
const rev = sound(parseRev(7), 'rev');

/** What the mailbox holds. */
export interface LargeMailboxOptions {
  readonly messages: number;
  /** Each message has these octets; offsets of its parts with them. */
  readonly message?: { readonly size: number; readonly headerBytes: number };
  /** The ENVELOPE of each. */
  readonly envelope?: string;
  /** Reads the octets of each. */
  readonly read?: (range: ByteRange) => AsyncIterable<Uint8Array>;
}

export class LargeMailbox {
  /** Indexes that were read. */
  indexes = 0;
  readonly log = recordingLog();
  readonly #options: LargeMailboxOptions;
  readonly #view: MailboxView;

  constructor(options: LargeMailboxOptions) {
    this.#options = options;
    const columns = new MessageColumns(options.messages);
    for (let number = 1; number <= options.messages; number++)
      columns.set({
        uid: uidOf(number),
        system: number % 2,
        keywords: [],
        modSeq: sound(parseRev(1 + (number % 7)), 'rev'),
        size: options.message?.size ?? 1000,
        internalDateSeconds: 1_790_000_000,
        saveDateSeconds: 1_790_000_000,
      });
    const state = {
      ...emptyMailboxState({ uidValidity: 1, modSeq: rev, epoch: 1 }),
      messages: options.messages,
      uidNext: uidOf(options.messages + 1),
    };
    this.#view = new MailboxView(mailbox, { rev, state, columns });
  }

  /** Logged in, and with the mailbox selected read-only. */
  async session(output: Output): Promise<Engine> {
    const engine = imapEngine({
      store: this.#store(),
      blobs: this.#blobs(),
      watch: { watch: () => ({ [Symbol.dispose]: () => {} }) } as unknown as AccountWatch,
      authenticator: fakeAuthenticator(''),
      mechanisms: [],
      tlsAvailable: true,
      loopbackPasswords: true,
      limits: imapLimits,
      clock: { now: () => 0, sleep: async () => {} },
      random: (size) => new Uint8Array(size),
      log: this.log,
      metrics: { count: () => {}, gauge: () => {}, timeMs: () => {} },
    })(connectionOf(1, ['tls']), output);
    await engine.start(transcriptTls);
    await say(engine, 'a1 LOGIN paco@example.test secret', 'a2 EXAMINE INBOX');
    return engine;
  }

  #store(): MailStore {
    const open: OpenMailbox = {
      kind: 'open',
      account,
      mailbox,
      view: this.#view,
      refresh: async () => 'current',
      findMessage: async () => undefined,
      findMessages: async (uids) => uids.map((uid) => this.#index(uid)),
      findEnvelopes: async (uids) => uids.map((uid) => this.#index(uid).envelope),
      close: () => {},
    };
    const mail = {
      id: account,
      openByName: async () => open,
      recentFrom: async (_: unknown, upTo: Uid) => upTo,
    };
    return { account: () => mail } as unknown as MailStore;
  }

  #index(uid: Uid): MessageIndex {
    this.indexes += 1;
    const { size, headerBytes } = this.#options.message ?? { size: 1000, headerBytes: 300 };
    return {
      messageId: sound(parseMessageId(`m${uid}`), 'message id'),
      threadId: `t${uid}`,
      blobKey: `incoming/m${uid}.eml`,
      size,
      internalDateSeconds: 1_790_000_000,
      envelope: this.#options.envelope ?? '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)',
      bodyStructure: '("TEXT" "PLAIN" NIL NIL NIL "7BIT" 700 10 NIL NIL NIL NIL)',
      preview: '',
      parts: [-1, 0, 0, headerBytes, size, 10],
    };
  }

  #blobs(): Blobs {
    const { read } = this.#options;
    return { read: (_: string, range: ByteRange) => read?.(range) } as unknown as Blobs;
  }
}

/** Sends lines as one write. */
export function say(engine: Engine, ...lines: readonly string[]): Promise<void> {
  return engine.receive(Buffer.from(lines.map((line) => `${line}\r\n`).join('')));
}

function uidOf(number: number): Uid {
  return sound(parseUid(number), 'uid');
}

/** Takes all that was written when it is waited for, one turn later, and counts what waited; it can be told to stop. */
export class SlowOutput implements Output {
  written = 0;
  mostWaiting = 0;
  /** The last octets. */
  tail = '';
  /** Takes nothing any more once so much was written. */
  stopsAfter = Infinity;
  #waiting = 0;
  #gone = Promise.withResolvers<never>();

  constructor() {
    // It may be that nobody waits.
    this.#gone.promise.catch(() => undefined);
  }

  write(bytes: Uint8Array | string): void {
    this.written += bytes.length;
    this.#waiting += bytes.length;
    this.mostWaiting = Math.max(this.mostWaiting, this.#waiting);
    this.tail = (this.tail + Buffer.from(bytes).subarray(-80).toString('latin1')).slice(-80);
  }
  async ready(): Promise<void> {
    await turn();
    if (this.written >= this.stopsAfter) await this.#gone.promise;
    this.#waiting = 0;
  }
  /** The client, which had stopped, is gone. */
  drop(): void {
    this.#gone.reject(new ConnectionEnded());
  }
  startTls(): Promise<never> {
    return Promise.reject(new Error('none'));
  }
  end(): void {}
  setIdleTimeout(): void {}
}
