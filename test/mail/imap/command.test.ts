import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandStart } from '../../../mail/imap/command.ts';

/** Tag, name and arguments of a line; undefined where it has none. */
function start(line: string) {
  const read = commandStart({ texts: [line], literals: [] });
  return read.kind === 'ok' ? [read.tag, read.name, line.slice(read.argumentsAt)] : [read.tag];
}

test('a command begins with a tag and a name, in any case', () => {
  assert.deepEqual(start('a1 NOOP'), ['a1', 'NOOP', '']);
  assert.deepEqual(start('a1 noop '), ['a1', 'NOOP', ' ']);
  assert.deepEqual(start('A.1]~ Login a b'), ['A.1]~', 'LOGIN', ' a b']);
  assert.deepEqual(start('- SELECT INBOX'), ['-', 'SELECT', ' INBOX']);
  assert.deepEqual(start('a X-2.b("'), ['a', 'X-2.B', '("']);
  assert.deepEqual(start('a APPEND{3}'), ['a', 'APPEND', '{3}']);
});

test('UID belongs to the name of the command behind it', () => {
  assert.deepEqual(start('a uid fetch 1'), ['a', 'UID FETCH', ' 1']);
  assert.deepEqual(start('a UID EXPUNGE'), ['a', 'UID EXPUNGE', '']);
  assert.deepEqual(start('a UID'), ['a', 'UID', '']);
  assert.deepEqual(start('a UID '), ['a', 'UID', ' ']);
  assert.deepEqual(start('a UID  FETCH 1'), ['a', 'UID', '  FETCH 1']);
  assert.deepEqual(start('a UID 7'), ['a', 'UID', ' 7']);
  assert.deepEqual(start('a UIDS fetch'), ['a', 'UIDS', ' fetch']);
});

test('without a tag there is none', () => {
  for (const line of ['', ' ', 'a', 'a1', '  NOOP', '+ NOOP', 'a+ NOOP', '* NOOP', '% NOOP', '"a" NOOP'])
    assert.deepEqual(start(line), [undefined], line);
  for (const line of [
    '(a NOOP',
    'a) NOOP',
    'a{ NOOP',
    'a\\ NOOP',
    'a\0 NOOP',
    '\xe9 NOOP',
    'a\tNOOP',
    'a\x7f x',
  ])
    assert.deepEqual(start(line), [undefined], line);
});

test('without a name the tag is told', () => {
  for (const line of ['a ', 'a  NOOP', 'a 1', 'a "NOOP"', 'a (', 'a \0', 'a .x', 'a -'])
    assert.deepEqual(start(line), ['a'], line);
});
