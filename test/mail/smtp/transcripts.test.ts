/**
 * Plays test/transcripts/smtp: what stands after `C:` is sent with CRLF, adjacent lines as one group, and what stands
 * after `S:` is what comes back, all of it. The first line is the test's name, the second what the session is on.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Dialog } from './dialog.ts';

const folder = join(import.meta.dirname, '../../transcripts/smtp');

interface Transcript {
  readonly title: string;
  /** `mta` or `msa`; `tls` for a connection that is secured from the start; `no-tls` where there is no certificate. */
  readonly on: readonly string[];
  readonly lines: readonly { readonly side: 'C' | 'S' | 'end'; readonly text: string }[];
}

function read(file: string): Transcript {
  const [title = '', on = '', ...rest] = readFileSync(join(folder, file), 'utf8').trimEnd().split('\n');
  assert.match(title, /^# ./, `${file}: the first line is its title`);
  assert.match(on, /^# On: (?:mta|msa)(?: tls| no-tls)?$/, `${file}: the second line says what it is on`);
  const lines = rest.map((line) => {
    if (line === '# The server ends the connection.') return { side: 'end', text: '' } as const;
    const match = /^([CS]):(?: (.*))?$/.exec(line);
    assert.ok(match, `${file}: not a line of a transcript: ${line}`);
    return { side: match[1] === 'C' ? 'C' : 'S', text: match[2] ?? '' } as const;
  });
  return { title: title.slice(2), on: on.slice('# On: '.length).split(' '), lines };
}

/** What the session really looks like, written as the transcript is. */
async function play({ on, lines }: Transcript): Promise<readonly string[]> {
  const dialog = new Dialog({ role: on[0] === 'msa' ? 'msa' : 'mta', tlsAvailable: !on.includes('no-tls') });
  const shown: string[] = [];
  const show = (said: string) =>
    shown.push(
      ...said
        .split('\r\n')
        .slice(0, -1)
        .map((line) => `S: ${line}`),
    );
  show(await dialog.start(on.includes('tls')));
  let group = '';
  for (const [index, { side, text }] of lines.entries()) {
    if (side !== 'C') continue;
    shown.push(`C: ${text}`);
    group += `${text}\r\n`;
    if (lines[index + 1]?.side === 'C') continue;
    show(await dialog.send(group));
    group = '';
  }
  if (dialog.output.ended) shown.push('end: ');
  await dialog.engine.closed();
  assert.equal(dialog.host.open, 0, 'a message was neither finished nor aborted');
  return shown;
}

const files = readdirSync(folder).filter((file) => file.endsWith('.txt'));

test('there are transcripts', () => {
  assert.ok(files.length > 50);
});

for (const file of files) {
  const transcript = read(file);
  test(`${transcript.title} (${file})`, async () => {
    assert.deepEqual(
      await play(transcript),
      transcript.lines.map(({ side, text }) => `${side}: ${text}`),
    );
  });
}
