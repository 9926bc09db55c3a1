/** Plays test/transcripts/smtp to the engine with a small honest server behind it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { loginMechanism } from '../../../mail/auth/sasl/login.ts';
import { plainMechanism } from '../../../mail/auth/sasl/plain.ts';
import { smtpEngine } from '../../../mail/smtp/engine.ts';
import type { Role } from '../../../mail/smtp/host.ts';
import { smtpLimits } from '../../../mail/smtp/limits.ts';
import type { EngineFactory } from '../../../mail/wire/engine.ts';
import { recordingLog } from '../../contracts/recording-log.ts';
import { playTranscripts } from '../../transcripts/runner.ts';
import type { TranscriptServer } from '../../transcripts/run-transcript.ts';
import { fakeAuthenticator, FakeHost } from './fake-host.ts';

class SmtpServer implements TranscriptServer {
  readonly #host = new FakeHost();
  readonly #log = recordingLog();
  #role: Role = 'mta';
  #tlsAvailable = true;

  readonly connect: EngineFactory = (connection, output) => {
    const make = smtpEngine({
      role: this.#role,
      hostname: 'mx.example.test',
      host: this.#host,
      authenticator: fakeAuthenticator,
      mechanisms: [plainMechanism, loginMechanism],
      tlsAvailable: this.#tlsAvailable,
      loopbackPasswords: true,
      limits: smtpLimits,
      clock: { now: () => 0, sleep: async () => {} },
      log: this.#log,
      metrics: { count: () => {}, gauge: () => {}, timeMs: () => {} },
    });
    return make(connection, output);
  };

  /** `role msa`: the sessions from now on are of 587 or 465, not of 25. `no certificate`: and TLS is not there. */
  direct(name: string, argument: string): boolean {
    const written = `${name} ${argument}`;
    if (written === 'role msa') this.#role = 'msa';
    else if (written === 'no certificate') this.#tlsAvailable = false;
    else return false;
    return true;
  }

  finish(): void {
    assert.equal(this.#host.open, 0, 'a message was neither finished nor aborted');
    const faults = this.#log.lines.filter(({ event }) => event === 'smtp.fault');
    assert.deepEqual(faults, []);
  }
}

playTranscripts({
  folder: join(import.meta.dirname, '../../transcripts/smtp'),
  open: () => new SmtpServer(),
});
