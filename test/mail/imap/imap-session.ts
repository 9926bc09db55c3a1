/** A session of a server without sockets, and its lines. */
import assert from 'node:assert/strict';
import type { RecordedSession } from '../../transcripts/recorded-session.ts';

export class ImapSession {
  readonly recorded: RecordedSession;
  constructor(recorded: RecordedSession) {
    this.recorded = recorded;
  }

  /** Sends lines as one write; the lines that came back since the last time. */
  async say(...lines: readonly string[]): Promise<readonly string[]> {
    await this.recorded.send([Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1')]);
    return this.said();
  }

  said(): readonly string[] {
    return this.recorded.said().map(({ octets }) => octets.toString('latin1'));
  }

  /** The untagged lines of a command that must succeed. */
  async ok(command: string): Promise<readonly string[]> {
    const lines = await this.say(`x ${command}`);
    assert.match(lines.at(-1) ?? '', /^x OK /);
    return lines.slice(0, -1);
  }

  /** Logged in as `name`; what was said until then is forgotten. */
  async logIn(name = 'paco'): Promise<this> {
    this.said();
    await this.ok(`LOGIN ${name}@example.test secret`);
    return this;
  }
}
