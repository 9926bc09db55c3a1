/**
 * Plays a transcript to the engines of a server and holds what they say against it. Besides those of the protocol's
 * own server, these directives are known; the session is 1 where none is named:
 *
 *     ! connect 2 tls loopback port=995 from=192.0.2.7    a session begins; all words are optional
 *     ! tls 2            the handshake that the server waits for succeeds; `! tls failed` fails
 *     ! idle 2           the idle time-out has passed
 *     ! leave 2 access   or `shutdown`
 *     ! close 2          the client drops the connection
 *     ! ended 2          the server has ended the connection: says so, or the transcript fails
 */
import assert from 'node:assert/strict';
import type { EngineFactory } from '../../mail/wire/engine.ts';
import type { Step, Transcript } from './read-transcript.ts';
import { connectionOf, RecordedSession } from './recorded-session.ts';

/** What a transcript is played to: new for each run. */
export interface TranscriptServer {
  /** Makes the engine of each session. */
  readonly connect: EngineFactory;
  /** A directive of the protocol's own tests; answers false where it knows none of that name. */
  readonly direct?: (name: string, argument: string) => boolean | Promise<boolean>;
  /** Brings a session that has begun to where the words of `! connect` say; what it says meanwhile is not compared. */
  readonly begin?: (session: RecordedSession, words: readonly string[]) => Promise<void>;
  /** Resolves when nothing is under way behind the engines: one session's command may be another's news. */
  readonly settled?: () => Promise<void>;
  /** After the last session was closed: whether all is as it must be, and nothing is left. */
  readonly finish?: () => void | Promise<void>;
}

/** How the client's octets are cut: where to cut `bytes`, in order. */
export type Split = (bytes: Buffer) => readonly number[];

export async function runTranscript(
  transcript: Transcript,
  { server, split }: { readonly server: TranscriptServer; readonly split: Split },
): Promise<void> {
  const run = new Run(transcript, server, split);
  try {
    for (const step of transcript.steps) await run.step(step);
    run.checkEnds();
  } finally {
    await run.close();
  }
  await server.finish?.();
}

class Run {
  readonly #transcript: Transcript;
  readonly #server: TranscriptServer;
  readonly #split: Split;
  readonly #sessions = new Map<number, RecordedSession>();
  /** Whose end the transcript has told. */
  readonly #ended = new Set<number>();

  constructor(transcript: Transcript, server: TranscriptServer, split: Split) {
    this.#transcript = transcript;
    this.#server = server;
    this.#split = split;
  }

  async step(step: Step): Promise<void> {
    try {
      if (step.event.kind === 'send') await this.#send(step.event);
      else await this.#direct(step.event);
      await this.#server.settled?.();
    } catch (error) {
      throw this.#failure(step.line, error instanceof Error ? error.message : String(error), error);
    }
    this.#compare(step);
  }

  /** A session that the server ended must be told as ended. */
  checkEnds(): void {
    const line = this.#transcript.steps.at(-1)?.line ?? 1;
    for (const [number, session] of this.#sessions)
      if (session.ended && !this.#ended.has(number))
        throw this.#failure(line, `the server ended session ${number}, and no "! ended" says so`);
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await session.close();
  }

  async #send({ session: number, bytes }: { readonly session: number; readonly bytes: Buffer }) {
    const session = this.#session(number) ?? (await this.#connect(number, []));
    assert.ok(!session.awaitsHandshake, 'the server awaits a handshake: write "! tls"');
    assert.ok(!session.ended && !session.gone, `session ${number} has ended`);
    const cuts = [0, ...this.#split(bytes), bytes.length];
    await session.send(cuts.slice(1).map((end, at) => bytes.subarray(cuts[at], end)));
  }

  async #direct({ name, argument }: { readonly name: string; readonly argument: string }) {
    const words = argument.split(' ').filter(Boolean);
    const number = Number(words.find((word) => /^[1-9]$/.test(word)) ?? '1');
    const rest = words.filter((word) => !/^[1-9]$/.test(word));
    if (name === 'connect') return void (await this.#connect(number, rest));
    const session = this.#session(number);
    switch (name) {
      case 'tls':
        return existing(session).shakeHands(!rest.includes('failed'));
      case 'idle':
        return existing(session).idle();
      case 'leave':
        return existing(session).leave(rest[0] === 'access' ? 'access' : 'shutdown');
      case 'close':
        return existing(session).close();
      case 'ended':
        assert.ok(existing(session).ended, `the server has not ended session ${number}`);
        this.#ended.add(number);
        return;
      default: {
        const known = await this.#server.direct?.(name, argument);
        assert.ok(known === true, `no such directive: ${name}`);
      }
    }
  }

  async #connect(number: number, words: readonly string[]): Promise<RecordedSession> {
    // A session of that number that is over makes room for the next.
    const before = this.#sessions.get(number);
    assert.ok(before === undefined || before.ended || before.gone, `session ${number} is open already`);
    await before?.close();
    this.#ended.delete(number);
    const session = new RecordedSession(connectionOf(number, words), this.#server.connect);
    this.#sessions.set(number, session);
    await session.start(words.includes('tls'));
    await this.#server.begin?.(session, words);
    return session;
  }

  #session(number: number): RecordedSession | undefined {
    return this.#sessions.get(number);
  }

  /** All sessions: what one is told may be another's doing. */
  #compare({ line, expected }: Step): void {
    for (const number of new Set([...this.#sessions.keys(), ...expected.map(({ session }) => session)])) {
      const said = this.#sessions.get(number)?.said() ?? [];
      const wanted = expected.filter(({ session }) => session === number);
      const shown = said.map(({ octets, whole }) => show(number, octets) + (whole ? '' : ' (and no CRLF)'));
      for (let at = 0; at < Math.max(said.length, wanted.length); at++) {
        const want = wanted[at];
        const got = said[at];
        if (want !== undefined && got?.whole === true && want.matches(got.octets)) continue;
        throw this.#failure(
          want?.line ?? line,
          `expected ${want?.written ?? 'nothing more'}\n     got ${shown[at] ?? 'nothing more'}` +
            `\nall that session ${number} said since line ${line}:\n${shown.join('\n')}`,
        );
      }
    }
  }

  #failure(line: number, what: string, cause?: unknown): Error {
    return new assert.AssertionError({
      message: `${this.#transcript.file}:${line}: ${what}`,
      ...(cause === undefined ? {} : { actual: cause }),
    });
  }
}

function existing(session: RecordedSession | undefined): RecordedSession {
  assert.ok(session !== undefined, 'there is no such session');
  return session;
}

/** A line as a transcript would have it. */
function show(number: number, octets: Buffer): string {
  return `S${number === 1 ? '' : number}: ${octets.toString()}`;
}
