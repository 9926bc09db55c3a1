/** Plays test/transcripts/smtp-client: a scripted server, and what the client must say to it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTranscript, type Step, type Transcript } from '../../../transcripts/read-transcript.ts';
import type { Split } from '../../../transcripts/run-transcript.ts';
import { everySplit } from '../../../transcripts/runner.ts';
import { PlayedClient } from './played-client.ts';

const folder = join(import.meta.dirname, '../../../transcripts/smtp-client');

/** Who speaks and who answers change places: what happens here is what the server says. */
function turnedRound(text: string): string {
  return text.replace(/^([CS])(?=[+\\]?:)/gm, (side) => (side === 'C' ? 'S' : 'C'));
}

async function play(transcript: Transcript, split: Split): Promise<void> {
  const client = new PlayedClient();
  for (const step of transcript.steps) {
    const where = `${transcript.file}:${step.line}`;
    try {
      await act(client, step, split);
    } catch (error) {
      if (error instanceof Error) error.message = `${where}: ${error.message}`;
      throw error;
    }
    compare(client, step, where);
  }
  assert.equal(client.unsettled, undefined);
}

async function act(client: PlayedClient, { event }: Step, split: Split): Promise<void> {
  if (event.kind === 'directive') return client.direct(event.name, event.argument);
  const cuts = [0, ...split(event.bytes), event.bytes.length];
  await client.say(cuts.slice(1).map((end, at) => event.bytes.subarray(cuts[at], end)));
}

/** All that the client wrote since the step began, line by line. */
function compare(client: PlayedClient, { expected }: Step, where: string): void {
  const said = client.taken().toString('latin1');
  const lines = said.split('\r\n');
  const last = lines.pop();
  const shown = `all that the client said:\n${said}`;
  assert.equal(last, '', `${where}: a line without its end\n${shown}`);
  for (let at = 0; at < Math.max(lines.length, expected.length); at++) {
    const want = expected[at];
    const got = lines[at];
    if (want !== undefined && got !== undefined && want.matches(Buffer.from(got, 'latin1'))) continue;
    assert.fail(
      `${where}: expected ${want?.written ?? 'nothing more'}\n got ${got ?? 'nothing more'}\n${shown}`,
    );
  }
}

const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));

test('there are transcripts', () => assert.ok(names.length > 0));

for (const name of names.toSorted()) {
  const transcript = readTranscript(name, turnedRound(readFileSync(join(folder, name), 'utf8')));
  test(`${transcript.title} (${name})`, async () => {
    for (const [how, split] of everySplit())
      await play(transcript, split).catch((error: unknown) => {
        if (error instanceof Error && how !== 'whole')
          error.message += `\n(with what the server says split: ${how})`;
        throw error;
      });
  });
}
