/** A POP3 server without sockets, all around its engines faked; transcripts are played to it. */
import assert from 'node:assert/strict';
import { loginMechanism } from '../../../mail/auth/sasl/login.ts';
import { plainMechanism } from '../../../mail/auth/sasl/plain.ts';
import { pop3Engine } from '../../../mail/pop3/engine.ts';
import { pop3Limits } from '../../../mail/pop3/limits.ts';
import type { Pop3Options } from '../../../mail/pop3/options.ts';
import type { EngineFactory } from '../../../mail/wire/engine.ts';
import { recordingLog } from '../../contracts/recording-log.ts';
import { unescape } from '../../transcripts/read-transcript.ts';
import { connectionOf, RecordedSession } from '../../transcripts/recorded-session.ts';
import type { TranscriptServer } from '../../transcripts/run-transcript.ts';
import { fakeAuthenticator, FakeMaildrops } from './fake-maildrops.ts';

export class Pop3Server implements TranscriptServer {
  readonly maildrops = new FakeMaildrops();
  readonly log = recordingLog();
  readonly metrics: string[] = [];
  /** What failed logins waited for, in milliseconds. */
  readonly slept: number[] = [];
  #settings: Partial<Pop3Options>;
  /** Faults that the transcript has told. */
  #expectedFaults = 0;

  constructor(settings: Partial<Pop3Options> = {}) {
    this.#settings = settings;
  }

  readonly connect: EngineFactory = (connection, output) => {
    const count = (name: string, dimensions: Readonly<Record<string, string>> = {}) => {
      this.metrics.push([name, ...Object.values(dimensions)].join(' '));
    };
    const make = pop3Engine({
      host: this.maildrops,
      authenticator: fakeAuthenticator,
      mechanisms: [plainMechanism, loginMechanism],
      tlsAvailable: true,
      loopbackPasswords: true,
      limits: pop3Limits,
      clock: { now: () => 0, sleep: async (ms) => void this.slept.push(ms) },
      log: this.log,
      metrics: { count, gauge: () => {}, timeMs: () => {} },
      ...this.#settings,
    });
    return make(connection, output);
  };

  /**
   * - `message Subject: x\r\n\r\n…`: one more in the maildrop.
   * - `octets 120 200`: messages of so many octets.
   * - `fault commit`: that step fails from now on; `fault chunk 2`: reading fails at that chunk.
   * - `lock lost`, `maildrop gone`, `no certificate`, `no loopback passwords`.
   * - `left 2`, `left none`: what is in the maildrop now. `locked yes`: whether a session holds it.
   * - `faults 1`: so many are in the log; without it there must be none.
   */
  direct(name: string, argument: string): boolean {
    const [first = '', second] = argument.split(' ');
    switch (name) {
      case 'message':
        this.maildrops.put(unescape(argument));
        return true;
      case 'octets':
        for (const octets of argument.split(' ')) this.maildrops.put(messageOf(Number(octets)));
        return true;
      case 'fault':
        if (first === 'chunk') this.maildrops.faultyChunk = Number(second);
        else this.maildrops.faulty = first as NonNullable<FakeMaildrops['faulty']>;
        return true;
      case 'lock':
        this.maildrops.lockLost = true;
        return true;
      case 'maildrop':
        this.maildrops.gone = true;
        return true;
      case 'no':
        if (first === 'certificate') this.#settings = { ...this.#settings, tlsAvailable: false };
        else this.#settings = { ...this.#settings, loopbackPasswords: false };
        return true;
      case 'left':
        assert.equal(
          this.maildrops.messages.map(({ uidl }) => uidl.split('.')[1]).join(' ') || 'none',
          argument,
        );
        return true;
      case 'locked':
        assert.equal(this.maildrops.locked, first === 'yes' ? 1 : 0);
        return true;
      case 'faults':
        this.#expectedFaults = Number(first);
        return true;
      default:
        return false;
    }
  }

  /** After every session: nothing is held, nothing was logged that must not be, and no fault was overlooked. */
  finish(): void {
    assert.equal(this.maildrops.locked, 0, 'the maildrop is locked');
    assert.equal(this.maildrops.reading, 0, 'a message is being read');
    assert.equal(this.faults.length, this.#expectedFaults, `faults: ${this.faults.join(', ')}`);
    assert.doesNotMatch(
      JSON.stringify(this.log.lines),
      /secret|c2VjcmV0|contrase/,
      'a password is in the log',
    );
  }

  /** What was told as a fault. */
  get faults(): readonly string[] {
    return this.log.lines.filter(({ level }) => level === 'error').map(({ fault }) => String(fault));
  }

  /** A session of its own, begun; the words are those of `! connect`. */
  async session(...words: readonly string[]): Promise<Pop3Session> {
    const session = new RecordedSession(connectionOf(1, words), this.connect);
    await session.start(words.includes('tls'));
    return new Pop3Session(session);
  }
}

/** A session and its lines. */
export class Pop3Session {
  readonly recorded: RecordedSession;
  constructor(recorded: RecordedSession) {
    this.recorded = recorded;
  }

  /** Sends lines as one write; the lines that came back since the last time. */
  async say(...lines: readonly string[]): Promise<readonly string[]> {
    await this.recorded.send([Buffer.from(lines.map((line) => `${line}\r\n`).join(''))]);
    return this.said();
  }

  said(): readonly string[] {
    return this.recorded.said().map(({ octets, whole }) => {
      assert.ok(whole, `no CRLF behind ${octets.toString()}`);
      return octets.toString();
    });
  }

  /** To the TRANSACTION state, and all that was said until then forgotten. */
  async logIn(): Promise<void> {
    const said = await this.say('USER paco@example.test', 'PASS secret');
    assert.match(said.at(-1) ?? '', /^\+OK /);
  }
}

/** A message of just so many octets, in lines. */
export function messageOf(octets: number): Buffer {
  const head = 'Subject: octets\r\n\r\n';
  const body = `${'x'.repeat(62)}\r\n`
    .repeat(Math.ceil(octets / 64))
    .slice(0, Math.max(0, octets - head.length - 2));
  return Buffer.from(`${head}${body.replace(/\r$/, 'x')}\r\n`);
}
