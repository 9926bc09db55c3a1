import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandReader } from '../../../mail/imap/command-reader.ts';
import { seededRandom } from '../../seeded-random.ts';
import { fuzzRounds, randomSplits, randomText } from '../wire/splits.ts';

type Decision = 'gather' | 'stream' | 'drop' | 'abandon';
type Decide = (octets: number, synchronizing: boolean) => Decision;

const gather: Decide = () => 'gather';

interface Reading {
  readonly pieces: readonly (string | Uint8Array)[];
  readonly decide?: Decide;
  readonly maxLineBytes?: number;
}

/** All that a reader makes of the pieces, as lines; what streams is joined. Nothing is read after `tooLong`. */
function read({ pieces, decide = gather, maxLineBytes = 64 }: Reading): readonly string[] {
  const reader = new CommandReader(maxLineBytes);
  const found: string[] = [];
  for (const piece of pieces) {
    reader.push(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
    for (let next = reader.read(); next !== undefined; next = reader.read())
      switch (next.kind) {
        case 'literal': {
          const decision = decide(next.octets, next.synchronizing);
          found.push(`${decision} {${next.octets}${next.synchronizing ? '' : '+'}}`);
          reader[decision]();
          break;
        }
        case 'octets': {
          const last = found.at(-1);
          const octets = next.bytes.toString('latin1');
          if (last?.startsWith('octets ') === true) found[found.length - 1] = last + octets;
          else found.push(`octets ${octets}`);
          break;
        }
        case 'command':
          found.push(`command ${shown(reader)}`);
          break;
        case 'tooLong':
          return [...found, 'tooLong'];
        default:
          next satisfies never;
      }
  }
  return found;
}

/** The command's texts, with its literals in braces. */
function shown({ text }: CommandReader): string {
  return text.texts
    .map((each, at) => {
      const literal = text.literals[at];
      if (at >= text.literals.length) return each;
      return `${each}{${literal === undefined ? '…' : Buffer.from(literal).toString('latin1')}}`;
    })
    .join('');
}

test('a command is one line, ended by CRLF or LF', () => {
  assert.deepEqual(read({ pieces: ['a1 NOOP\r\na2 CHECK\n', '\r', '\n'] }), [
    'command a1 NOOP',
    'command a2 CHECK',
    'command ',
  ]);
});

test('literals belong to the command, and the line goes on behind them', () => {
  assert.deepEqual(read({ pieces: ['A001 LOGIN {11}\r\nFRED FOOBAR {7+}\r\nfat man\r\n'] }), [
    'gather {11}',
    'gather {7+}',
    'command A001 LOGIN {FRED FOOBAR} {fat man}',
  ]);
});

test('a literal may hold anything: line ends, announcements, NUL', () => {
  const octets = 'a {3}\r\n\0\xff\n';
  assert.deepEqual(read({ pieces: [`x {${octets.length}}\r\n${octets}y\r\n`] }), [
    `gather {${octets.length}}`,
    `command x {${octets}}y`,
  ]);
});

test('an empty literal is a literal', () => {
  assert.deepEqual(read({ pieces: ['x {0}\r\n\r\n'] }), ['gather {0}', 'command x {}']);
  assert.deepEqual(read({ pieces: ['x {0}\r\n\r\n'], decide: () => 'stream' }), [
    'stream {0}',
    'command x {…}',
  ]);
});

test('only digits in braces at the very end of a line announce a literal', () => {
  for (const line of ['x {3} ', 'x {}', 'x {+}', 'x {3+', 'x {-3}', 'x {3++}', 'x {3}}', 'x { 3}', 'x {3.}'])
    assert.deepEqual(read({ pieces: [`${line}\r\n`] }), [`command ${line}`], line);
  assert.deepEqual(read({ pieces: ['x "{3}\r\nabc"\r\n'] }), ['gather {3}', 'command x "{abc}"']);
  assert.deepEqual(read({ pieces: ['{3}\r\nabc\r\n'] }), ['gather {3}', 'command {abc}']);
});

test('nothing is read behind an announcement before it is decided', () => {
  const reader = new CommandReader(64);
  reader.push(Buffer.from('x {3}\r\nabc\r\ny\r\n'));
  assert.deepEqual(reader.read(), { kind: 'literal', octets: 3, synchronizing: true });
  assert.equal(reader.read(), undefined);
  assert.equal(reader.commandBytes, 5);
  reader.gather();
  assert.deepEqual(reader.read(), { kind: 'command' });
  assert.equal(shown(reader), 'x {abc}');
  assert.equal(reader.commandBytes, 8);
});

test('a literal that streams leaves its place in the command and nothing else', () => {
  assert.deepEqual(
    read({ pieces: ['a APPEND x {6+}\r\nab', 'cd', 'ef\r\n', 'b NOOP\r\n'], decide: () => 'stream' }),
    ['stream {6+}', 'octets abcdef', 'command a APPEND x {…}', 'command b NOOP'],
  );
});

test('a refused command is read to its end, and nothing of it is kept', () => {
  const reader = new CommandReader(64);
  reader.push(Buffer.from('x one {3+}\r\nabc two {4+}\r\n1\r\n2 three\r\ny\r\n'));
  assert.equal(reader.read()?.kind, 'literal');
  reader.drop();
  assert.deepEqual(reader.text, { texts: [], literals: [] });
  assert.equal(reader.read()?.kind, 'literal');
  reader.drop();
  assert.deepEqual(reader.read(), { kind: 'command' });
  assert.deepEqual(reader.text, { texts: [], literals: [] });
  assert.deepEqual(reader.read(), { kind: 'command' });
  assert.equal(shown(reader), 'y');
});

test('a command can be refused in the middle of a literal that streams, and at its very end', () => {
  for (const first of ['ab', 'abcd']) {
    const reader = new CommandReader(64);
    reader.push(Buffer.from(`x {4+}\r\n${first}`));
    assert.equal(reader.read()?.kind, 'literal');
    reader.stream();
    assert.equal(reader.read()?.kind, 'octets');
    reader.drop();
    assert.equal(reader.read(), undefined);
    reader.push(Buffer.from('abcd'.slice(first.length)));
    assert.equal(reader.read(), undefined);
    reader.push(Buffer.from(' more\r\ny\r\n'));
    assert.deepEqual(reader.read(), { kind: 'command' });
    assert.deepEqual(reader.text, { texts: [], literals: [] });
    assert.deepEqual(reader.read(), { kind: 'command' });
    assert.equal(shown(reader), 'y');
  }
});

test('after a command that was answered before its literal the next line is a command', () => {
  assert.deepEqual(read({ pieces: ['x {300000}\r\ny NOOP\r\n'], decide: () => 'abandon' }), [
    'abandon {300000}',
    'command y NOOP',
  ]);
});

test('a literal without end is dropped as it comes', () => {
  const reader = new CommandReader(64);
  reader.push(Buffer.from('x {99999999999999999999+}\r\n'));
  assert.deepEqual(reader.read(), { kind: 'literal', octets: 1e20, synchronizing: false });
  reader.drop();
  for (let chunk = 0; chunk < 100; chunk++) {
    reader.push(Buffer.from('y NOOP\r\n'));
    assert.equal(reader.read(), undefined);
  }
});

test('a line over the limit is told once, and its end is dropped', () => {
  const limit = { maxLineBytes: 8 };
  assert.deepEqual(read({ pieces: ['123456\r\n'], ...limit }), ['command 123456']);
  assert.deepEqual(read({ pieces: ['1234567\r\n'], ...limit }), ['tooLong']);
  assert.deepEqual(read({ pieces: ['1', '234567', '8'], ...limit }), ['tooLong']);
  assert.deepEqual(read({ pieces: ['x {2}\r\nab1234567\r\n'], ...limit }), ['gather {2}', 'tooLong']);
});

test('a line by itself is no command, whatever it ends with', () => {
  const reader = new CommandReader(16);
  reader.push(Buffer.from('x A\r\nAGZvbw== {3}\r\nlonger than the limit is\r\nDONE\r\ny\r\n'));
  assert.deepEqual(reader.read(), { kind: 'command' });
  assert.deepEqual(reader.readLine(), { kind: 'line', line: Buffer.from('AGZvbw== {3}') });
  assert.deepEqual(reader.readLine(), { kind: 'tooLong' });
  assert.deepEqual(reader.readLine(), { kind: 'line', line: Buffer.from('DONE') });
  assert.deepEqual(reader.read(), { kind: 'command' });
  assert.equal(shown(reader), 'y');
  assert.equal(reader.readLine(), undefined);
});

test('what came before TLS is forgotten, in whatever it stood', () => {
  for (const before of ['x', 'x NOOP\r\ny', 'x {3}\r\n', 'x {3}\r\na', 'x {3+}\r\nabc y {2']) {
    const reader = new CommandReader(64);
    reader.push(Buffer.from(before));
    for (let next = reader.read(); next !== undefined; next = reader.read())
      if (next.kind === 'literal') reader.gather();
    reader.clear();
    reader.push(Buffer.from('z NOOP\r\n'));
    assert.deepEqual(reader.read(), { kind: 'command' });
    assert.equal(shown(reader), 'z NOOP');
    assert.equal(reader.commandBytes, 6);
  }
});

/** What `read` must find in `text`, said plainly. */
function model(text: string, decide: Decide, maxLineBytes: number): readonly string[] {
  const found: string[] = [];
  let command = '';
  let refused = false;
  for (let at = 0; at < text.length || command !== '';) {
    const lf = text.indexOf('\n', at);
    const length = (lf === -1 ? text.length : lf + 1) - at;
    if (length > maxLineBytes || (lf === -1 && length === maxLineBytes)) return [...found, 'tooLong'];
    if (lf === -1) return found;
    const line = text.slice(at, lf).replace(/\r$/, '');
    at = lf + 1;
    const [whole = '', digits, plus] = /\{(\d{1,20})(\+?)\}$/.exec(line) ?? [];
    command += line.slice(0, line.length - whole.length);
    if (digits === undefined) {
      found.push(`command ${refused ? '' : command}`);
      command = '';
      refused = false;
      continue;
    }
    const octets = Number(digits);
    const decision = decide(octets, plus === '');
    found.push(`${decision} {${octets}${plus}}`);
    const literal = text.slice(at, at + octets);
    if (decision === 'drop') refused = true;
    if (decision === 'abandon') {
      command = '';
      refused = false;
      continue;
    }
    if (decision === 'stream' && literal !== '') found.push(`octets ${literal}`);
    if (literal.length < octets) return found;
    command += decision === 'gather' ? `{${literal}}` : '{…}';
    at += octets;
  }
  return found;
}

test('any octets read as they must, in any split, whatever is decided about literals', () => {
  const random = seededRandom(7888);
  const alphabet = ['\r\n', '\n', '\r', '{3}\r\n', '{2+}\r\n', '{0}\r\n', '{9+}\r\n', '{', '}', 'ab', ' '];
  const more = ['\0', '\xff', 'a1 NOOP\r\n', '{99999999999}\r\n', '{1+}\n', '{4}', 'xyzxyzxyz'];
  for (let round = 0; round < fuzzRounds; round++) {
    const text = randomText([...alphabet, ...more], Math.floor(random() * 30), random);
    const decisions: readonly Decision[] = ['gather', 'stream', 'drop', 'abandon'];
    const shift = Math.floor(random() * 4);
    // Once refused, a command stays so: as the engine does it.
    const decider = (): Decide => {
      let last: Decision = 'gather';
      return (octets, synchronizing) => {
        if (last === 'drop') last = synchronizing ? 'abandon' : 'drop';
        else last = decisions[(octets + shift) % 4] ?? 'gather';
        return last;
      };
    };
    const maxLineBytes = random() < 0.5 ? 1000 : 12;
    const expected = model(text.toString('latin1'), decider(), maxLineBytes);
    assert.deepEqual(read({ pieces: [text], decide: decider(), maxLineBytes }), expected);
    const pieces = randomSplits(text, random);
    assert.deepEqual(read({ pieces, decide: decider(), maxLineBytes }), expected, JSON.stringify(text));
  }
});

test('a literal that was gathered stays as it was when more octets come', () => {
  const pieces = Array.from(Buffer.from('x {6}\r\nabcdef {3}\r\nxyz\r\ny\r\n'), (octet) =>
    Uint8Array.of(octet),
  );
  assert.deepEqual(read({ pieces }), ['gather {6}', 'gather {3}', 'command x {abcdef} {xyz}', 'command y']);
});
