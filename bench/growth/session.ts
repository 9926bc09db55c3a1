/** An IMAP session without a socket: a command is given, and how long its answer takes is told. */
import type { OneMachine } from '../../bin/one-machine.ts';
import type { Authenticator } from '../../mail/auth/authenticator.ts';
import { imapEngine } from '../../mail/imap/engine.ts';
import { imapLimits } from '../../mail/imap/limits.ts';
import type { AccountWatch } from '../../mail/mailbox/account-watch.ts';
import type { MailStore } from '../../mail/mailbox/mail-store.ts';
import type { Engine, Output } from '../../mail/wire/engine.ts';
import { noMetrics, password, quietLog } from './machine.ts';

export interface SessionParts {
  readonly machine: OneMachine;
  readonly store: MailStore;
  readonly watch: AccountWatch;
  readonly authenticator: Authenticator;
}

const here = {
  id: 'growth',
  remoteAddress: '127.0.0.1',
  remotePort: 1,
  localAddress: '127.0.0.1',
  localPort: 143,
  loopback: true,
};

/** Takes everything at once, and keeps the end of it. */
class Sink implements Output {
  octets = 0;
  end = () => undefined;
  setIdleTimeout = () => undefined;
  #last = '';

  /** The last line in it is the answer. */
  get last(): string {
    return this.#last;
  }
  write(bytes: Uint8Array | string): void {
    this.octets += bytes.length;
    this.#last = Buffer.from(bytes).subarray(-200).toString('latin1');
  }
  ready(): Promise<void> {
    return Promise.resolve();
  }
  startTls(): Promise<never> {
    return Promise.reject(new Error('no TLS here'));
  }
}

export class Session {
  readonly #engine: Engine;
  readonly #sink: Sink;

  private constructor(engine: Engine, sink: Sink) {
    this.#engine = engine;
    this.#sink = sink;
  }

  static async begin({ machine, store, watch, authenticator }: SessionParts): Promise<Session> {
    const { blobs, clock, random } = machine;
    const sink = new Sink();
    const engine = imapEngine({
      store,
      blobs,
      watch,
      authenticator,
      mechanisms: [],
      tlsAvailable: true,
      loopbackPasswords: true,
      limits: imapLimits,
      clock,
      random,
      log: quietLog,
      metrics: noMetrics,
    })(here, sink);
    await engine.start(undefined);
    return new Session(engine, sink);
  }

  login(address: string): Promise<number> {
    return this.command(`LOGIN ${address} "${password}"`);
  }

  /** In milliseconds. Rejects where the answer is not OK. */
  async command(text: string): Promise<number> {
    const bytes = Buffer.from(`x ${text}\r\n`);
    this.#sink.octets = 0;
    const start = performance.now();
    await this.#engine.receive(bytes);
    const ms = performance.now() - start;
    if (!/x OK [^\r\n]*\r\n$/.test(this.#sink.last)) throw new Error(`${text}: ${this.#sink.last}`);
    return ms;
  }

  /** How much the last command's answer was. */
  get octets(): number {
    return this.#sink.octets;
  }

  close(): Promise<void> {
    return this.#engine.closed();
  }
}
