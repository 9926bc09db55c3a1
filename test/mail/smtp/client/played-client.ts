/**
 * A client session that a transcript plays. The files are written as all transcripts (test/transcripts/read-transcript.ts),
 * but here `S:` lines are what the server says, and `C:` lines what the client must have sent since. Directives:
 *
 *     ! open tls=opportunistic     a session is opened; also required, never (the default), and: verify=none, implicit,
 *                                  from=127.0.0.1 (the server's address), user=… password=…
 *     ! tls / ! tls failed         the handshake that the client waits for
 *     ! opened / ! refused 4.7.4 byTls permanent text…   how that ended; the text's words must be in what people read
 *     ! message Subject: x\r\n     octets of the next message, with escapes; each of these lines is a piece of its own
 *     ! unreadable                 and then it cannot be read any further
 *     ! send from=a@b to=c@d,e@f   the message is sent; also: body=8BITMIME, smtputf8, ret=HDRS, envid=…, size=…,
 *                                  notify=SUCCESS,DELAY and orcpt=type;address for all recipients; without from it is <>
 *     ! sent 1 2.6.0 dsn           what became of the first recipient, and so on: also deferred, failed, with words as above
 *     ! report over inDoubt        and of the session: also unanswered; nothing when all is well
 *     ! fault                      `send` rejected
 *     ! close / ! break            the server ends the connection, or it breaks
 *     ! stall / ! deaf             what the client writes is taken no longer, or fails at once
 *     ! wait 300000                milliseconds pass
 *     ! quit                       the client is told to take leave
 *     ! ended                      the client has ended the connection
 *     ! option chunk=100           the size of chunks
 */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { Secret } from '../../../../mail/auth/secret.ts';
import type { Transmission } from '../../../../mail/ports/next-hop.ts';
import type { NotifyKeyword } from '../../../../mail/routing/envelope.ts';
import { smtpClientLimits } from '../../../../mail/smtp/client/limits.ts';
import type { SmtpClientOptions, StartTlsPolicy } from '../../../../mail/smtp/client/options.ts';
import { openSmtpSession, type SendReport, type SmtpOpening } from '../../../../mail/smtp/client/session.ts';
import { ManualClock } from '../../../contracts/manual-clock.ts';
import { unescape } from '../../../transcripts/read-transcript.ts';
import { ScriptedConnection, scriptedTls } from './scripted-connection.ts';

/** Turns of the event loop after which a client that says nothing waits for something. */
const quietTurns = 8;

export class PlayedClient {
  readonly clock = new ManualClock();
  readonly #pieces: Uint8Array[] = [];
  #readable = true;
  #options: Partial<SmtpClientOptions> = {};
  #connection: ScriptedConnection | undefined;
  #opening: SmtpOpening | undefined;
  #report: SendReport | undefined;
  #fault: Error | undefined;

  get connection(): ScriptedConnection {
    assert.ok(this.#connection, 'there is no session: write "! open"');
    return this.#connection;
  }

  /** What the client wrote since the last time. */
  taken(): Buffer {
    return this.#connection?.taken() ?? Buffer.alloc(0);
  }

  /** Whether something is under way that must be told before the end. */
  get unsettled(): string | undefined {
    return this.#fault === undefined ? undefined : `a fault that was not told: ${this.#fault.stack}`;
  }

  async say(pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) {
      this.connection.say(piece);
      await this.quiet();
    }
  }

  /** Until the client waits for something. */
  async quiet(): Promise<void> {
    for (let turns = 0; turns < quietTurns; turns++) await turn();
  }

  /** Carries a directive out; throws where what it says is not so. */
  async direct(name: string, argument: string): Promise<void> {
    const words = argument.split(' ').filter(Boolean);
    const directive = this.#directives[name];
    assert.ok(directive !== undefined, `no such directive: ${name}`);
    await directive(words, argument);
    await this.quiet();
  }

  readonly #directives: Readonly<
    Record<string, (words: readonly string[], argument: string) => void | Promise<void>>
  > = {
    open: (words) => this.#open(words),
    tls: (words) => {
      assert.ok(this.connection.awaitsHandshake, 'the client awaits no handshake');
      this.connection.shakeHands(!words.includes('failed'));
    },
    opened: () => assert.equal(this.#opening?.kind, 'open', JSON.stringify(this.#opening)),
    refused: (words) => this.#checkRefused(words),
    message: (_, argument) => void this.#pieces.push(unescape(argument)),
    unreadable: () => void (this.#readable = false),
    send: (words) => this.#send(words),
    sent: (words) => this.#checkOutcome('sent', words),
    deferred: (words) => this.#checkOutcome('deferred', words),
    failed: (words) => this.#checkOutcome('failed', words),
    report: (words) => this.#checkReport(words),
    fault: () => {
      assert.ok(this.#fault !== undefined, 'send did not reject');
      this.#fault = undefined;
    },
    close: () => this.connection.end('ended'),
    break: () => this.connection.end('reset'),
    stall: () => void (this.connection.stalled = true),
    deaf: () => void (this.connection.broken = true),
    wait: ([ms]) => this.clock.advance(Number(ms)),
    quit: () => void this.#session().quit(),
    ended: () => assert.ok(this.connection.closed, 'the client has not ended the connection'),
    option: (words) => this.#option(words),
  };

  #open(words: readonly string[]): void {
    const value = valuesOf(words);
    const startTls = policyOf(value('tls') ?? 'never', value('verify'));
    const user = value('user');
    this.#connection = new ScriptedConnection(this.clock, {
      remoteAddress: value('from') ?? '192.0.2.25',
      ...(words.includes('implicit') ? { tls: scriptedTls } : {}),
    });
    void openSmtpSession(this.#connection, {
      hostname: 'client.example',
      remote: 'mx.example.test [192.0.2.25]',
      startTls,
      ...(user === undefined ? {} : { credentials: { user, password: new Secret(value('password') ?? '') } }),
      limits: smtpClientLimits,
      clock: this.clock,
      ...this.#options,
    }).then(
      (opening) => void (this.#opening = opening),
      (fault: Error) => void (this.#fault = fault),
    );
  }

  #option(words: readonly string[]): void {
    const chunk = valuesOf(words)('chunk');
    if (chunk !== undefined)
      this.#options = { ...this.#options, limits: { ...smtpClientLimits, chunkOctets: Number(chunk) } };
  }

  #session() {
    assert.ok(this.#opening?.kind === 'open', 'no session is open');
    return this.#opening.session;
  }

  #send(words: readonly string[]): void {
    this.#report = undefined;
    const pieces = this.#pieces.splice(0);
    const readable = this.#readable;
    this.#readable = true;
    const transmission = transmissionOf(words, { pieces, readable });
    void this.#session()
      .send(transmission)
      .then(
        (report) => void (this.#report = report),
        (fault: Error) => void (this.#fault = fault),
      );
  }

  #checkRefused([status, ...words]: readonly string[]): void {
    const opening = this.#opening;
    assert.ok(opening?.kind === 'failed', 'the session was not refused');
    const { said, permanent, byTls } = opening;
    assert.equal(said.status, status, JSON.stringify(said));
    const flags = [...(permanent ? ['permanent'] : []), ...(byTls ? ['byTls'] : [])];
    checkWords(`${flags.join(' ')} ${said.reply ?? ''} ${said.text}`, words);
    for (const flag of flags) assert.ok(words.includes(flag), `it is ${flag}`);
  }

  #checkOutcome(kind: string, [place, status, ...words]: readonly string[]): void {
    assert.ok(this.#report, 'the message is still under way');
    const outcome = this.#report.outcomes[Number(place) - 1];
    assert.ok(outcome, `there is no recipient ${place}`);
    const said = JSON.stringify(outcome);
    assert.equal(outcome.kind, kind, said);
    assert.equal(outcome.said.status, status, said);
    const dsn = outcome.kind === 'sent' && outcome.dsn;
    assert.equal(dsn, words.includes('dsn'), said);
    checkWords(`${dsn ? 'dsn' : ''} ${outcome.said.reply ?? ''} ${outcome.said.text}`, words);
    assert.equal(outcome.said.remote, 'mx.example.test [192.0.2.25]');
  }

  #checkReport(words: readonly string[]): void {
    assert.ok(this.#report, 'the message is still under way');
    const { over, unanswered, inDoubt } = this.#report;
    const flags = Object.entries({ over, unanswered, inDoubt }).flatMap(([name, is]) => (is ? [name] : []));
    assert.deepEqual(flags, [...words]);
  }
}

function valuesOf(words: readonly string[]): (name: string) => string | undefined {
  return (name) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}

function checkWords(text: string, words: readonly string[]): void {
  for (const word of words) assert.ok(text.includes(word), `"${word}" is not in: ${text}`);
}

function policyOf(kind: string, verify: string | undefined): StartTlsPolicy {
  const serverName = 'mx.example.test';
  if (kind === 'opportunistic') return { kind, serverName };
  if (kind === 'required') return { kind, serverName, verify: verify === 'none' ? 'none' : 'required' };
  return { kind: 'never' };
}

function transmissionOf(
  words: readonly string[],
  { pieces, readable }: { readonly pieces: readonly Uint8Array[]; readonly readable: boolean },
): Transmission {
  const value = valuesOf(words);
  const [ret, envid, notify, orcpt] = ['ret', 'envid', 'notify', 'orcpt'].map(value);
  const recipients = (value('to') ?? '').split(',').map((address) => ({
    address,
    ...(notify === undefined ? {} : { notify: notify.split(',') as NotifyKeyword[] }),
    ...(orcpt === undefined
      ? {}
      : { orcpt: { addressType: orcpt.split(';')[0] ?? '', address: orcpt.split(';')[1] ?? '' } }),
  }));
  return {
    messageId: 'm1',
    reversePath: value('from') ?? null,
    recipients,
    sizeBytes: Number(value('size') ?? pieces.reduce((sum, { length }) => sum + length, 0)),
    body: (value('body') ?? '7BIT') as Transmission['body'],
    smtpUtf8: words.includes('smtputf8'),
    ...(ret === undefined ? {} : { ret: ret as 'FULL' | 'HDRS' }),
    ...(envid === undefined ? {} : { envid }),
    async *read() {
      yield* pieces;
      if (!readable) throw new Error('the disk is broken');
    },
  };
}
