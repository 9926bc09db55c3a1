/**
 * Plays the transcripts of a protocol's folder. The first line is the test's name, the second (`# On: …`) what the
 * sessions are on. What stands after `C:` is sent with CRLF, adjacent lines as one group; what stands after `S:` is
 * what comes back, all of it. `C2:` and `S2:` are a second session, which begins where its first line stands. Another
 * line that begins with `#` is something that happens: `# The server ends the connection.`, or what the stage calls an
 * event; with `# 2: ` it happens to the second session.
 *
 * Each transcript is played twice: with each group in one piece, and cut at random points.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { seededRandom } from '../seeded-random.ts';

/** One session of the protocol under test. */
export interface StageSession {
  /** The greeting. */
  start(): Promise<string>;
  /** What comes back for these octets. */
  send(bytes: Buffer): Promise<string>;
  /** Whether the server has ended the connection. */
  readonly ended: boolean;
  /** The connection is gone. */
  close(): Promise<void>;
  /** What may happen, by its line without `# `; what comes back. */
  readonly events?: Readonly<Record<string, () => Promise<string>>>;
}

/** The world in which one transcript is played. */
export interface Stage {
  session(): StageSession;
  /** Called when all sessions are closed. */
  check?(): void;
}

export interface TranscriptFolder {
  /** Within test/transcripts. */
  readonly folder: string;
  /** There are at least so many. */
  readonly atLeast: number;
  /** The words that may stand after `# On: `. */
  readonly on: readonly string[];
  readonly stage: (on: readonly string[]) => Stage;
}

type SessionNumber = 1 | 2;
type TranscriptLine =
  | { readonly side: 'C' | 'S'; readonly session: SessionNumber; readonly text: string }
  | { readonly side: 'event'; readonly session: SessionNumber; readonly text: string };

interface Transcript {
  readonly title: string;
  readonly on: readonly string[];
  readonly lines: readonly TranscriptLine[];
}

const serverEnds = 'The server ends the connection.';

/** One test for each file of the folder. */
export function transcriptTests(options: TranscriptFolder): void {
  const folder = join(import.meta.dirname, options.folder);
  const files = readdirSync(folder).filter((file) => file.endsWith('.txt'));
  test('there are transcripts', () => {
    assert.ok(files.length >= options.atLeast, `${files.length} transcripts`);
  });
  for (const [index, file] of files.entries()) {
    const transcript = readTranscript(readFileSync(join(folder, file), 'utf8'), file);
    for (const word of transcript.on) assert.ok(options.on.includes(word), `${file}: nothing is on ${word}`);
    const written = transcript.lines.map(formatLine);
    test(`${transcript.title} (${file})`, async () => {
      const whole = await play(transcript, options.stage(transcript.on), (group) => [group]);
      assert.deepEqual(whole, written);
      const random = seededRandom(index);
      const cut = await play(transcript, options.stage(transcript.on), (group) => pieces(group, random));
      assert.deepEqual(cut, written, 'cut at random points');
    });
  }
}

function readTranscript(text: string, file: string): Transcript {
  const [title = '', on = '', ...rest] = text.trimEnd().split('\n');
  assert.match(title, /^# ./, `${file}: the first line is its title`);
  assert.match(on, /^# On: ./, `${file}: the second line says what it is on`);
  const lines = rest.map((line): TranscriptLine => {
    const [, side, number, said = '', event] =
      /^(?:([CS])(2?):(?: (.*))?|# (?:2: )?(.+))$/.exec(line) ??
      assert.fail(`${file}: what is this: ${line}`);
    const session = number === '2' || line.startsWith('# 2: ') ? 2 : 1;
    if (event !== undefined) return { side: 'event', session, text: event };
    return { side: side === 'C' ? 'C' : 'S', session, text: said };
  });
  return { title: title.slice(2), on: on.slice('# On: '.length).split(' '), lines };
}

function formatLine({ side, session, text }: TranscriptLine): string {
  if (side === 'event') return session === 2 ? `# 2: ${text}` : `# ${text}`;
  return `${side}${session === 2 ? '2' : ''}: ${text}`;
}

/** What the sessions really look like, written as the transcript is. */
async function play(
  { lines }: Transcript,
  stage: Stage,
  cut: (group: Buffer) => readonly Buffer[],
): Promise<readonly string[]> {
  const shown: string[] = [];
  const sessions = new Map<SessionNumber, StageSession>();
  const ended = new Set<SessionNumber>();
  const show = (number: SessionNumber, said: string) => {
    const texts = said.split('\r\n');
    // What does not end with CRLF is shown, so that it is missed.
    if (texts.at(-1) === '') texts.pop();
    for (const text of texts) shown.push(formatLine({ side: 'S', session: number, text }));
    if (sessions.get(number)?.ended !== true || ended.has(number)) return;
    ended.add(number);
    shown.push(formatLine({ side: 'event', session: number, text: serverEnds }));
  };
  const sessionOf = async (number: SessionNumber) => {
    const known = sessions.get(number);
    if (known !== undefined) return known;
    const session = stage.session();
    sessions.set(number, session);
    show(number, await session.start());
    return session;
  };
  await sessionOf(1);
  let group = '';
  for (const [index, line] of lines.entries()) {
    const { side, session: number, text } = line;
    const session = await sessionOf(number);
    if (side === 'S' || text === serverEnds) continue;
    shown.push(formatLine(line));
    if (side === 'event') {
      show(number, (await session.events?.[text]?.()) ?? assert.fail(`no such event: ${text}`));
      continue;
    }
    group += `${text}\r\n`;
    const next = lines[index + 1];
    if (next?.side === 'C' && next.session === number) continue;
    let said = '';
    for (const piece of cut(Buffer.from(group))) said += await session.send(piece);
    group = '';
    show(number, said);
  }
  for (const session of sessions.values()) await session.close();
  stage.check?.();
  return shown;
}

/** The octets in pieces of random sizes, mostly small. */
function pieces(octets: Buffer, random: () => number): readonly Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0; at < octets.length;) {
    const end = at + 1 + Math.floor(random() * (random() < 0.5 ? 4 : 40));
    // An array of its own, which the engine may keep.
    cut.push(Buffer.from(octets.subarray(at, end)));
    at = end;
  }
  return cut;
}
