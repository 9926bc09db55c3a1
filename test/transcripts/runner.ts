/** One test for each transcript of a folder; `read-transcript.ts` says how they are written. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { seededRandom } from '../seeded-random.ts';
import { readTranscript } from './read-transcript.ts';
import { runTranscript, type Split, type TranscriptServer } from './run-transcript.ts';

/** Each client write is cut at random points in so many replays, and once between all of its octets. */
const randomReplays = 4;
/** Writes longer than this are not sent octet by octet: it would take too long and show nothing more. */
const maxSingleOctets = 4_096;

/**
 * Plays every `*.txt` of `folder` (absolute) as one test named by the file's first line: with the client's writes as
 * they stand there, and replayed with them split, which must make no difference. `open` makes a new server for each run.
 */
export function playTranscripts({
  folder,
  open,
  splits = 'all',
}: {
  readonly folder: string;
  readonly open: () => TranscriptServer | Promise<TranscriptServer>;
  /** `whole`: only as the writes stand there. */
  readonly splits?: 'all' | 'whole';
}): void {
  const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  test(`there are transcripts in ${basename(folder)}`, () => assert.ok(names.length > 0));
  for (const name of names.toSorted()) {
    const transcript = readTranscript(name, readFileSync(join(folder, name), 'utf8'));
    test(`${transcript.title} (${name})`, async () => {
      for (const [how, split] of splits === 'all' ? everySplit() : everySplit().slice(0, 1))
        await runTranscript(transcript, { server: await open(), split }).catch((error: unknown) => {
          if (error instanceof Error && how !== 'whole') error.message += `\n(with writes split: ${how})`;
          throw error;
        });
    });
  }
}

/** The ways in which a transcript is played. */
export function everySplit(): readonly (readonly [how: string, split: Split])[] {
  const seeds = Array.from({ length: randomReplays }, (_, index) => index + 1);
  return [
    ['whole', () => []],
    ['octet by octet', (bytes) => (bytes.length > maxSingleOctets ? [] : between(bytes.length))],
    ...seeds.map((seed) => [`seed ${seed}`, randomSplit(seededRandom(seed))] as const),
  ];
}

function between(length: number): readonly number[] {
  return Array.from({ length: Math.max(0, length - 1) }, (_, index) => index + 1);
}

/** One to six cuts in each write. */
function randomSplit(random: () => number): Split {
  return (bytes) => {
    if (bytes.length < 2) return [];
    const count = 1 + Math.floor(random() * 6);
    const cuts = Array.from({ length: count }, () => 1 + Math.floor(random() * (bytes.length - 1)));
    return [...new Set(cuts)].toSorted((one, other) => one - other);
  };
}
