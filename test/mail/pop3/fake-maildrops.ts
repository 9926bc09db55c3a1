/** One maildrop in memory behind the POP3 engine, with a real lock and a way to make each step fail. */
import type { Authentication, Authenticator } from '../../../mail/auth/authenticator.ts';
import type { Maildrop, MaildropHost, NoMaildrop } from '../../../mail/pop3/maildrop.ts';

export interface StoredMessage {
  readonly uidl: string;
  readonly bytes: Buffer;
}

type Step = 'open' | 'read' | 'commit' | 'release';

export class FakeMaildrops implements MaildropHost {
  messages: readonly StoredMessage[] = [];
  /** Sessions that hold the maildrop: 0 or 1. */
  locked = 0;
  /** How often it was given back. */
  released = 0;
  /** What throws, from now on. */
  faulty: Step | undefined;
  /** The chunk of a message whose reading throws. */
  faultyChunk: number | undefined;
  /** The lock was lost meanwhile: nothing can be deleted. */
  lockLost = false;
  /** What giving back waits for. */
  releaseGate: Promise<void> | undefined;
  /** The account has no maildrop. */
  gone = false;
  /** Octets of each chunk that `read` gives. */
  chunkOctets = 7;
  /** Readers that were begun and are not over. */
  reading = 0;
  #uids = 0;

  /** Delivers a message. */
  put(bytes: Buffer): void {
    this.messages = [...this.messages, { uidl: `1790000000.${++this.#uids}`, bytes }];
  }

  async open(): Promise<Maildrop | NoMaildrop> {
    this.#step('open');
    if (this.gone) return { kind: 'gone' };
    if (this.locked > 0) return { kind: 'inUse' };
    this.locked += 1;
    const snapshot = this.messages;
    return {
      kind: 'open',
      messages: snapshot.map(({ uidl, bytes }) => ({ uidl, sizeBytes: bytes.length })),
      read: (index) => this.#read(snapshot[index]),
      commit: async (deleted) => {
        this.#step('commit');
        if (this.lockLost) return 'some';
        const gone = new Set(deleted.map((index) => snapshot[index]?.uidl));
        this.messages = this.messages.filter(({ uidl }) => !gone.has(uidl));
        return 'done';
      },
      release: async () => {
        await this.releaseGate;
        this.locked -= 1;
        this.released += 1;
        this.#step('release');
      },
    };
  }

  async *#read(message: StoredMessage | undefined): AsyncGenerator<Uint8Array> {
    this.#step('read');
    if (message === undefined) throw new Error('no such message');
    this.reading += 1;
    try {
      for (let at = 0, chunk = 0; at < message.bytes.length; at += this.chunkOctets, chunk += 1) {
        if (chunk === this.faultyChunk) throw new Error('the disk failed on purpose');
        yield message.bytes.subarray(at, at + this.chunkOctets);
      }
    } finally {
      this.reading -= 1;
    }
  }

  #step(name: Step): void {
    if (this.faulty === name) throw new Error(`${name} failed on purpose`);
  }
}

/**
 * `paco@example.test` with the password `secret`, or ` two  words ` as it is; `jose` with accents in both;
 * `throttled@…` is throttled and `fault@…` a fault.
 */
export const fakeAuthenticator: Authenticator = {
  async verify({ user, password, scope }): Promise<Authentication> {
    if (user === 'fault@example.test') throw new Error('the directory does not answer');
    if (user === 'throttled@example.test') return { kind: 'throttled', retryAfterMs: 29_500 };
    const known = passwords.get(user)?.includes(password.reveal()) === true && scope === 'pop3';
    if (!known) return { kind: 'refused' };
    return {
      kind: 'ok',
      principal: { accountId: 'a1', address: user, passwordSince: '2026-01-01T00:00:00.000Z' },
    };
  },
};

const passwords: ReadonlyMap<string, readonly string[]> = new Map([
  ['paco@example.test', ['secret', ' two  words ']],
  ['jos\u00e9@example.test', ['contrase\u00f1a']],
]);
