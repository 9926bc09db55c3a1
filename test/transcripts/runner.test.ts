import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineEngines } from '../containers/listener/line-engine.ts';
import { readTranscript } from './read-transcript.ts';
import { runTranscript, type TranscriptServer } from './run-transcript.ts';
import { everySplit } from './runner.ts';

/** Plays lines to the line engine in every way. */
async function play(lines: readonly string[], direct?: TranscriptServer['direct']): Promise<void> {
  const transcript = readTranscript('x.txt', ['# x', ...lines].join('\n'));
  for (const [, split] of everySplit()) {
    const { engine } = lineEngines();
    const server = { connect: engine, ...(direct === undefined ? {} : { direct }) };
    await runTranscript(transcript, { server, split });
  }
}

test('a transcript that tells the truth passes, with pipelining, escapes, expressions and two sessions', async () => {
  await play([
    'S: hello',
    'C+: one',
    'C: two',
    'S: echo one',
    'S: echo two',
    'C\\: caf\\xc3\\xa9 \\\\\\r\\n',
    'S: echo café \\',
    'C: /usr/',
    'S: /^echo .usr.$/',
    'C2: other',
    'S2: hello',
    'S2: echo other',
    'C: again',
    'S\\: echo\\x20again',
    'C: QUIT',
    'S: bye',
    '! ended',
    '! leave 2 shutdown',
    'S2: bye shutdown',
    '! ended 2',
  ]);
});

test('STARTTLS waits for the handshake, and what was sent with it is thrown away', async () => {
  await play(['S: hello', 'C+: STARTTLS', 'C: injected', 'S: go ahead', '! tls', 'C: one', 'S: echo one']);
});

test('a handshake that fails is the end of the session', async () => {
  const session = ['S: hello', 'C: STARTTLS', 'S: go ahead', '! tls failed'];
  await play(session);
  await assert.rejects(play([...session, 'C: a']), /x\.txt:6: session 1 has ended/);
});

test('directives that the runner does not know go to the server', async () => {
  const seen: string[] = [];
  await play(['! put 3 apples'], (name, argument) => {
    seen.push(`${name} ${argument}`);
    return name === 'put';
  });
  assert.equal(seen.length, everySplit().length);
  assert.equal(seen[0], 'put 3 apples');
  await assert.rejects(
    play(['! get 3'], () => false),
    /x\.txt:2: no such directive: get/,
  );
});

const lies: readonly (readonly [what: string, lines: readonly string[], message: RegExp])[] = [
  ['a line that differs', ['S: hello', 'C: a', 'S: echo b'], /x\.txt:4: expected S: echo b\n +got S: echo a/],
  [
    'a line that is missing',
    ['S: hello', 'C: a', 'S: echo a', 'S: more'],
    /x\.txt:5: expected S: more\n +got nothing more/,
  ],
  ['a line too many', ['S: hello', 'C: a'], /x\.txt:3: expected nothing more\n +got S: echo a/],
  ['an expression', ['S: hello', 'C: a', 'S: /^b/'], /x\.txt:4/],
  ['another session', ['S: hello', 'C2: a', 'S2: hello', 'S: echo a'], /x\.txt:5/],
  ['an end that is not told', ['S: hello', 'C: QUIT', 'S: bye'], /ended session 1/],
  ['an end that is none', ['S: hello', '! ended'], /x\.txt:3: the server has not ended session 1/],
  ['a handshake that is none', ['S: hello', '! tls'], /x\.txt:3: the server awaits no handshake/],
  [
    'a handshake that is not told',
    ['S: hello', 'C: STARTTLS', 'S: go ahead', 'C: a'],
    /x\.txt:5: the server awaits/,
  ],
  [
    'a line after the end',
    ['S: hello', 'C: QUIT', 'S: bye', '! ended', 'C: a'],
    /x\.txt:6: session 1 has ended/,
  ],
];

for (const [what, lines, message] of lies)
  test(`a transcript fails at ${what}`, async () => {
    await assert.rejects(play(lines), message);
  });

test('a difference that only a split shows is found', async () => {
  let calls = 0;
  const connect: TranscriptServer['connect'] = (_, output) => ({
    start: () => Promise.resolve(),
    receive: () => Promise.resolve(output.write(`call ${++calls}\r\n`)),
    idle: () => undefined,
    leave: () => undefined,
    closed: () => Promise.resolve(),
  });
  const transcript = readTranscript('x.txt', '# x\nC: a\nS: call 1');
  const failures: string[] = [];
  for (const [how, split] of everySplit()) {
    calls = 0;
    await runTranscript(transcript, { server: { connect }, split }).catch(() => failures.push(how));
  }
  assert.deepEqual(
    failures,
    everySplit()
      .slice(1)
      .map(([how]) => how),
  );
});

for (const [text, message] of [
  ['no title', /x\.txt:1: the first line/],
  ['# x\nS hello', /x\.txt:2: not a line/],
  ['# x\nC+: a', /x\.txt:2: nothing follows/],
  ['# x\nC+: a\nS: b', /x\.txt:3: C\+ must/],
  ['# x\nC+: a\nC2: b', /x\.txt:3: C\+ must/],
  ['# x\nC\\: \\q', /x\.txt:2: no such escape/],
] as const)
  test(`not a transcript: ${JSON.stringify(text)}`, () => {
    assert.throws(() => readTranscript('x.txt', text), message);
  });
