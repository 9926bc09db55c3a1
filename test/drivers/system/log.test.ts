import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemLog } from '../../../drivers/system/log.ts';
import type { LogOptions } from '../../../drivers/system/log.ts';
import type { Log } from '../../../mail/ports/log.ts';

function written(options: Partial<LogOptions>, use: (log: Log) => void): string[] {
  const lines: string[] = [];
  use(systemLog({ ...options, destination: { write: (line) => lines.push(line) } }));
  return lines;
}

test('a line is a JSON object with time, level, event and the fields', () => {
  const [line = ''] = written({}, (log) =>
    log.info('smtp.accepted', { bytes: 12, to: ['a', 'b'], none: null }),
  );
  assert.ok(line.endsWith('}\n'));
  const { time, ...rest } = JSON.parse(line) as Record<string, unknown>;
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, { level: 'info', event: 'smtp.accepted', bytes: 12, to: ['a', 'b'], none: null });
});

test('fields are added to each line of a derived log, and none hides a name of the log', () => {
  const [line = ''] = written({}, (log) =>
    log.with({ session: 's1' }).with({ level: 'mine' }).warn('x', { time: 1 }),
  );
  const {
    session,
    level,
    event,
    'field.level': mine,
    'field.time': time,
  } = JSON.parse(line) as Record<string, unknown>;
  assert.deepEqual([session, level, event, mine, time], ['s1', 'warn', 'x', 'mine', 1]);
});

test('a fault comes with its type, stack and cause, whatever was thrown', () => {
  const cause = new RangeError('inner');
  const [line = '', other = ''] = written({}, (log) => {
    log.error('failed', new TypeError('outer', { cause }));
    log.error('failed', 'a string');
  });
  const { fault } = JSON.parse(line) as { fault: Record<string, string> };
  assert.equal(fault['type'], 'TypeError');
  assert.match(fault['stack'] ?? '', /outer[^]*inner/);
  assert.equal((JSON.parse(other) as { fault: { message: string } }).fault.message, 'a string');
});

test('lines below the level are not written', () => {
  const lines = written({ level: 'warn' }, (log) => {
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d', new Error('fault'));
  });
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { event: string }).event),
    ['c', 'd'],
  );
});

test('lines are kept as JSON from info on, whatever is shown', () => {
  const levelsOf = (lines: readonly string[]) =>
    lines.map((line) => (JSON.parse(line) as { level: string }).level);
  const logAll = (log: Log) => {
    const derived = log.with({ session: 's1' });
    derived.debug('a');
    derived.info('b');
    derived.error('c', new Error('fault'));
  };
  for (const level of ['debug', 'info', 'error'] as const) {
    const kept: string[] = [];
    const shown = written({ level, readable: true, kept: { write: (line) => kept.push(line) } }, logAll);
    assert.equal(shown.length, { debug: 3, info: 2, error: 1 }[level]);
    assert.doesNotMatch(shown.join(''), /^\{/);
    assert.deepEqual(levelsOf(kept), level === 'debug' ? ['debug', 'info', 'error'] : ['info', 'error']);
    assert.ok(kept.every((line) => line.includes('"session":"s1"')));
  }
});

test('on a terminal a line is readable, and nothing in it steers the terminal', () => {
  const [line = ''] = written({ readable: true }, (log) =>
    log.warn('smtp.refused', { client: '192.0.2.1', helo: 'two words', bad: '\u001b[2J\r\n\u202e' }),
  );
  assert.match(
    line,
    /^\d\d:\d\d:\d\d\.\d{3} WARN {2}smtp\.refused {2}client=192\.0\.2\.1 {2}helo="two words" {2}bad="/,
  );
  assert.equal(line.indexOf('\n'), line.length - 1);
  assert.doesNotMatch(line.slice(0, -1), /[\u0000-\u001f\u202e]/);
});

test('on a terminal the stack of a fault follows on lines of its own', () => {
  const [text = ''] = written({ readable: true }, (log) => log.error('failed', new Error('why\u0007')));
  assert.match(text, /ERROR failed\n {4}Error: why\\u0007\n {8}at /);
});
