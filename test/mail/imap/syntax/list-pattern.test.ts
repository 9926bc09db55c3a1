import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinPattern, listPattern, matchesPattern } from '../../../../mail/imap/syntax/list-pattern.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { scannerOf } from './scan.ts';

function matches(pattern: string, name: string, reference = ''): boolean {
  return matchesPattern(joinPattern(reference, pattern), name);
}

for (const [pattern, names, others] of [
  ['*', ['INBOX', 'a', 'a/b', 'a/b/c'], []],
  ['%', ['INBOX', 'a', 'a b'], ['a/b', 'INBOX/a']],
  ['%/%', ['a/b', 'INBOX/b'], ['a', 'a/b/c']],
  ['a', ['a'], ['A', 'ab', 'a/b', '']],
  ['a*', ['a', 'ab', 'a/b', 'a/b/c'], ['b/a']],
  ['a%', ['a', 'ab'], ['a/b', 'ba']],
  ['a/%', ['a/b', 'a/bb'], ['a', 'a/b/c']],
  ['a/*', ['a/b', 'a/b/c'], ['a', 'aa/b']],
  ['*a', ['a', 'ba', 'b/a', 'aa/aa'], ['ab', 'a/b']],
  ['*/a', ['b/a', 'b/c/a'], ['a', 'b/ca']],
  ['%a%', ['a', 'bab'], ['b/a', 'a/b']],
  ['*a%', ['a', 'ab', 'b/ab'], ['a/b', 'b']],
  ['%a*', ['a', 'a/b', 'ba/b'], ['b/a', 'b']],
  ['a%*%b', ['ab', 'a/b', 'acb', 'a/c/b'], ['a', 'b', 'ba']],
  ['a%%b', ['ab', 'acb'], ['a/b']],
  ['*%', ['a', 'a/b'], []],
  ['', [], ['a', 'INBOX']],
  ['.[a]+?', ['.[a]+?'], ['xa', '.a', '.[a]+x']],
  ['台*', ['台', '台北'], ['北']],
  ['%北', ['台北', '💩北'], ['台/北']],
] as const)
  test(`the pattern ${JSON.stringify(pattern)}`, () => {
    for (const name of names) assert.ok(matches(pattern, name), name);
    for (const name of others) assert.ok(!matches(pattern, name), name);
  });

test('INBOX is matched in any case, also as the first level, and no other level is', () => {
  for (const pattern of ['inbox', 'INBOX', 'iNbOx', 'inb%', '%box', '*x', 'i%b%X', 'INBOX*', 'i*'])
    assert.ok(matches(pattern, 'INBOX'), pattern);
  for (const pattern of ['inbox/a', 'InBox/%', 'in*/a', '%x/a', 'inbox*'])
    assert.ok(matches(pattern, 'INBOX/a'), pattern);
  for (const pattern of ['inbox', 'inbox%', 'INBOX/A', 'inbox/A', 'ınbox/a'])
    assert.ok(!matches(pattern, 'INBOX/a'), pattern);
  assert.ok(!matches('inbox', 'a/INBOX'));
  assert.ok(!matches('a/inbox', 'a/INBOX'));
  assert.ok(!matches('inboxes', 'INBOXES'));
  assert.ok(matches('inbox/inbox', 'INBOX/inbox'));
  assert.ok(!matches('inbox/inbox', 'INBOX/INBOX'));
});

test('a reference is the beginning of the pattern, and a pattern from the root on has none', () => {
  assert.ok(matches('%', 'a/b', 'a/'));
  assert.ok(!matches('%', 'a/b', 'a'));
  assert.ok(matches('%', 'ab', 'a'));
  assert.ok(matches('%', 'a', 'a'));
  assert.ok(!matches('/a', 'a'));
  assert.ok(!matches('/a', 'b/a', 'b'));
  assert.ok(matches('%', 'INBOX/a', 'inbox/'));
});

test('reference and pattern are compared in the form in which names are kept (NFC)', () => {
  assert.ok(matches('cafe\u0301', 'caf\u00e9'));
  assert.ok(matches('\u0301%', 'caf\u00e9s', 'cafe'));
});

test('a pattern is read as it is written: bare, quoted or a literal, in modified UTF-7', () => {
  const read = (...pieces: readonly (string | Uint8Array)[]) => {
    const args = scannerOf(...pieces);
    const pattern = listPattern(args, 'a/');
    return args.end() ? pattern?.text : args.failure;
  };
  assert.equal(read('%'), 'a/%');
  assert.equal(read('"b %"'), 'a/b %');
  assert.equal(read('', Buffer.from('(%)')), 'a/(%)');
  assert.equal(read('&U,BTFw-%'), 'a/台北%');
  assert.equal(read('%]'), 'a/%]');
  assert.equal(read('R&D'), 'expected a mailbox name in modified UTF-7');
  assert.equal(read('"\xe9"'), '8-bit characters in a mailbox name: use modified UTF-7');
  assert.equal(read('()'), 'expected a mailbox pattern');
});

/** The definition, tried in every way. */
function plainly(pattern: string, name: string): boolean {
  const [first, rest] = [pattern.charAt(0), pattern.slice(1)];
  if (first === '') return name === '';
  if (first !== '*' && first !== '%') return name.startsWith(first) && plainly(rest, name.slice(1));
  if (plainly(rest, name)) return true;
  return name !== '' && (first === '*' || !name.startsWith('/')) && plainly(pattern, name.slice(1));
}

test('any pattern and any name agree with the definition tried in every way', () => {
  const random = seededRandom(6_3_8);
  const text = (characters: string, longest: number) =>
    Array.from({ length: Math.floor(random() * (longest + 1)) }, () =>
      characters.charAt(Math.floor(random() * characters.length)),
    ).join('');
  let matched = 0;
  for (let round = 0; round < 100_000; round++) {
    const [pattern, name] = [text('ab/*%', 7), text('ab/', 8)];
    const expected = plainly(pattern, name);
    assert.equal(matches(pattern, name), expected, `${pattern} ${name}`);
    if (expected) matched++;
  }
  assert.ok(matched > 5_000, `only ${matched} matched`);
});

test('no pattern takes longer than its length times that of the name', () => {
  const names = ['a'.repeat(1000), `${'a'.repeat(30)}/`.repeat(31), `${'a/'.repeat(499)}b`];
  for (const pattern of ['*%', '*a', '%a', 'a*', 'a%', '*a%', '%/', '*/', '*a%/', 'a'])
    for (const name of names)
      for (const times of [100, 500, 30_000]) assert.equal(matches(`${pattern.repeat(times)}c`, name), false);
});
