/** An SMTP engine with everything around it faked: what is sent to it, and what it says. */
import { setImmediate as turn } from 'node:timers/promises';
import { loginMechanism } from '../../../mail/auth/sasl/login.ts';
import { plainMechanism } from '../../../mail/auth/sasl/plain.ts';
import type { Log, LogFields } from '../../../mail/ports/log.ts';
import { smtpEngine } from '../../../mail/smtp/engine.ts';
import { smtpLimits, type SmtpLimits } from '../../../mail/smtp/limits.ts';
import type { SmtpOptions } from '../../../mail/smtp/options.ts';
import {
  ConnectionEnded,
  type Connection,
  type Engine,
  type Output,
  type TlsSession,
} from '../../../mail/wire/engine.ts';
import { FakeHost, fakeAuthenticator } from './fake-host.ts';

export const fakeTls: TlsSession = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' };

/** Keeps every line; `text` is all of them, to search for what must not be there. */
export class FakeLog implements Log {
  readonly lines: { readonly event: string; readonly fields: LogFields }[];
  readonly #fields: LogFields;
  constructor(lines: FakeLog['lines'] = [], fields: LogFields = {}) {
    this.lines = lines;
    this.#fields = fields;
  }
  debug(event: string, fields?: LogFields): void {
    this.info(event, fields);
  }
  info(event: string, fields?: LogFields): void {
    this.lines.push({ event, fields: { ...this.#fields, ...fields } });
  }
  warn(event: string, fields?: LogFields): void {
    this.info(event, fields);
  }
  error(event: string, fault: unknown, fields?: LogFields): void {
    this.info(event, { ...fields, fault: String(fault) });
  }
  with(fields: LogFields): Log {
    return new FakeLog(this.lines, { ...this.#fields, ...fields });
  }
  of(event: string): readonly LogFields[] {
    return this.lines.filter((line) => line.event === event).map(({ fields }) => fields);
  }
  get text(): string {
    return JSON.stringify(this.lines);
  }
}

/** Time stands still, but for sleeps, which take no time and move it. */
export class FakeClock {
  time = Date.parse('2026-11-24T00:00:00Z');
  slept: number[] = [];
  now(): number {
    return this.time;
  }
  async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.time += ms;
  }
}

export class FakeOutput implements Output {
  readonly writes: string[] = [];
  ended = false;
  idleMs = 0;
  handshakes = 0;
  /** How often the engine waited, which sends what was held. */
  waits = 0;
  /** Set: the client is gone. */
  gone = false;
  write(bytes: Uint8Array | string): void {
    if (!this.ended) this.writes.push(Buffer.from(bytes).toString());
  }
  async ready(): Promise<void> {
    this.waits += 1;
    if (this.gone) throw new ConnectionEnded();
  }
  async startTls(): Promise<TlsSession> {
    if (this.gone) throw new ConnectionEnded();
    this.handshakes += 1;
    return fakeTls;
  }
  end(): void {
    this.ended = true;
  }
  setIdleTimeout(ms: number): void {
    this.idleMs = ms;
  }
}

export interface DialogSettings extends Partial<Omit<SmtpOptions, 'limits'>> {
  readonly limits?: Partial<SmtpLimits>;
  /** The client is on this machine. */
  readonly loopback?: boolean;
}

export class Dialog {
  readonly host: FakeHost = new FakeHost();
  readonly log = new FakeLog();
  readonly clock = new FakeClock();
  readonly output = new FakeOutput();
  readonly metrics: string[] = [];
  readonly engine: Engine;

  constructor({ limits, loopback = false, ...options }: DialogSettings = {}) {
    const connection: Connection = {
      id: 's1',
      remoteAddress: loopback ? '127.0.0.1' : '192.0.2.1',
      remotePort: 40_000,
      localAddress: '192.0.2.25',
      localPort: 25,
      loopback,
    };
    const count = (name: string, dimensions: Readonly<Record<string, string>> = {}) => {
      this.metrics.push([name, ...Object.values(dimensions)].join(' '));
    };
    const make = smtpEngine({
      role: 'mta',
      hostname: 'mx.example.test',
      host: this.host,
      authenticator: fakeAuthenticator,
      mechanisms: [plainMechanism, loginMechanism],
      tlsAvailable: true,
      loopbackPasswords: true,
      clock: this.clock,
      log: this.log,
      metrics: { count, gauge: () => {}, timeMs: () => {} },
      ...options,
      limits: { ...smtpLimits, ...limits },
    });
    this.engine = make(connection, this.output);
  }

  /** Starts the session, over TLS where asked; the greeting. */
  async start(tls = false): Promise<string> {
    await this.engine.start(tls ? fakeTls : undefined);
    return this.said();
  }

  /** Sends octets as they are; what came back since the last time. */
  async send(bytes: string | Uint8Array): Promise<string> {
    await this.engine.receive(Buffer.from(bytes));
    return this.said();
  }

  /** Sends lines with CRLF; the reply lines without. */
  async say(...lines: readonly string[]): Promise<string> {
    return (await this.send(lines.map((line) => `${line}\r\n`).join(''))).replace(/\r\n$/, '');
  }

  /** To the point where DATA may be said. */
  async envelope(): Promise<void> {
    await this.say('EHLO client.example', 'MAIL FROM:<pepe@example.org>', 'RCPT TO:<paco@example.test>');
  }

  /** What was written since the last time. */
  said(): string {
    return this.output.writes.splice(0).join('');
  }

  /** Lets promises that are ready go on. */
  async settle(): Promise<void> {
    for (let round = 0; round < 5; round++) await turn();
  }
}

/** A session of a user on 465, authenticated, or on 25; ready for MAIL. */
export async function ready(settings: DialogSettings = {}): Promise<Dialog> {
  const dialog = new Dialog(settings);
  await dialog.start(settings.role === 'msa');
  await dialog.say('EHLO client.example');
  if (settings.role === 'msa')
    await dialog.say(`AUTH PLAIN ${Buffer.from('\0pepe@example.test\0secret').toString('base64')}`);
  return dialog;
}
