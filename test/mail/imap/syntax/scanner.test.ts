import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scanner } from '../../../../mail/imap/syntax/scanner.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { fuzzRounds, randomText } from '../../wire/splits.ts';
import { scannerOf, streamed } from './scan.ts';

type Production =
  'atom' | 'word' | 'string' | 'nstring' | 'astring' | 'listMailbox' | 'number' | 'nzNumber' | 'modSequence';

/** What a production takes from the text's beginning; `rest` is what it leaves. */
const taken: readonly (readonly [Production, text: string, result: string | number | null, rest?: string])[] =
  [
    ['atom', 'Seen', 'Seen'],
    ['atom', "a!#$&'+,-./09:;<=>?@Z[^_`z|}~", "a!#$&'+,-./09:;<=>?@Z[^_`z|}~"],
    ['atom', 'a b', 'a', ' b'],
    ['atom', 'a(', 'a', '('],
    ['atom', 'a]', 'a', ']'],
    ['atom', 'a{3}', 'a', '{3}'],
    ['atom', 'a%', 'a', '%'],
    ['atom', 'a*', 'a', '*'],
    ['atom', 'a\\b', 'a', '\\b'],
    ['atom', 'a"b"', 'a', '"b"'],
    ['atom', 'a\x7f', 'a', '\x7f'],
    ['atom', 'a\xe9', 'a', '\xe9'],
    ['atom', 'a\t', 'a', '\t'],
    ['word', 'flags', 'FLAGS'],
    ['word', 'Body.Peek[TEXT]', 'BODY.PEEK', '[TEXT]'],
    ['word', 'RFC822.SIZE)', 'RFC822.SIZE', ')'],
    ['string', '""', ''],
    ['string', '"a b"', 'a b'],
    ['string', '"a\\"b\\\\c"d', 'a"b\\c', 'd'],
    ['string', '"\xe9\x01\x7f"', '\xe9\x01\x7f'],
    ['nstring', 'NIL', null],
    ['nstring', 'nil)', null, ')'],
    ['nstring', '"NIL"', 'NIL'],
    ['astring', 'paco@example.test', 'paco@example.test'],
    ['astring', 'a]b c', 'a]b', ' c'],
    ['astring', 'NIL', 'NIL'],
    ['astring', '"a b"', 'a b'],
    ['listMailbox', '%', '%'],
    ['listMailbox', 'Work/*]', 'Work/*]'],
    ['listMailbox', '"a %" x', 'a %', ' x'],
    ['number', '0', 0],
    ['number', '007', 7],
    ['number', '4294967295', 4_294_967_295],
    ['number', '12a', 12, 'a'],
    ['nzNumber', '1', 1],
    ['nzNumber', '4294967295:', 4_294_967_295, ':'],
    ['modSequence', '0', 0],
    ['modSequence', '715194045007', 715_194_045_007],
    ['modSequence', '9007199254740991', Number.MAX_SAFE_INTEGER],
    ['modSequence', '9223372036854775807)', Number.MAX_SAFE_INTEGER, ')'],
    ['modSequence', '0000000000000000000000007', 7],
  ];

for (const [production, text, result, rest = ''] of taken)
  test(`${production} takes ${JSON.stringify(text)}`, () => {
    const args = scannerOf(text);
    assert.equal(args[production](), result);
    assert.equal(args.failure, undefined);
    assert.ok(rest === '' || args.accept(rest));
    assert.ok(args.end());
  });

const refused: readonly (readonly [Production, text: string])[] = [
  ['atom', ''],
  ['atom', ' a'],
  ['atom', ']'],
  ['atom', '"a"'],
  ['atom', '\\Seen'],
  ['word', '.PEEK'],
  ['word', '('],
  ['string', ''],
  ['string', 'a'],
  ['string', '"a'],
  ['string', '"a\\'],
  ['string', '"a\\"'],
  ['string', '"a\\n"'],
  ['string', '"a\0"'],
  ['string', '"a\rb"'],
  ['string', 'NIL'],
  ['nstring', 'NI'],
  ['nstring', ''],
  ['astring', ''],
  ['astring', '%'],
  ['astring', '"a'],
  ['astring', '\xe9'],
  ['listMailbox', '('],
  ['listMailbox', '\\'],
  ['number', ''],
  ['number', '-1'],
  ['number', '4294967296'],
  ['number', '99999999999999999999999999'],
  ['nzNumber', '0'],
  ['nzNumber', '000'],
  ['nzNumber', '4294967296'],
  ['modSequence', '-1'],
  ['modSequence', '9223372036854775808'],
  ['modSequence', '99999999999999999999'],
];

for (const [production, text] of refused)
  test(`${production} refuses ${JSON.stringify(text)}`, () => {
    const args = scannerOf(text);
    assert.equal(args[production]('the thing'), undefined);
    assert.equal(args.failure, 'expected the thing');
    assert.equal(args.end(), false);
  });

test('the first failure stays, and everything after it fails without being read', () => {
  const args = scannerOf('a 12 (x)');
  assert.equal(args.atom(), 'a');
  assert.equal(args.number('a number here'), undefined);
  assert.equal(args.failure, 'expected a number here');
  const after: readonly unknown[] = [
    args.accept(' '),
    args.expect(' '),
    args.space(),
    args.looksAt(' '),
    args.looksAt(''),
    args.atom(),
    args.word(),
    args.string(),
    args.nstring(),
    args.astring(),
    args.listMailbox(),
    args.number(),
    args.nzNumber(),
    args.modSequence(),
    args.streamedLiteral(),
    args.list(() => 1),
    args.take(/./y, 'anything'),
    args.end(),
  ];
  assert.ok(after.every((each) => each === undefined || each === false));
  args.fail('something else');
  args.refuse('too much');
  assert.equal(args.failure, 'expected a number here');
});

test('a refusal says what it says, without "expected"', () => {
  const args = scannerOf('');
  assert.equal(args.refuse('at most 30 fields'), undefined);
  assert.equal(args.failure, 'at most 30 fields');
});

test('tokens are taken in any case, and only whole', () => {
  const args = scannerOf('fLaGs.silent');
  assert.ok(args.looksAt('FLAGS'));
  assert.ok(!args.accept('FLAGS '));
  assert.ok(args.accept('FLAGS'));
  assert.ok(args.expect('.SILENT'));
  assert.ok(args.atEnd && args.end());
});

test('a literal is a string, an astring, an nstring and a mailbox pattern, whatever its octets are', () => {
  const octets = Buffer.from('a"\\\0\r\n\xff NIL{3}', 'latin1');
  for (const production of ['string', 'astring', 'nstring', 'listMailbox'] as const) {
    const args = scannerOf(' ', octets, ' x');
    assert.ok(args.space());
    assert.equal(args[production](), octets.toString('latin1'));
    assert.ok(args.space());
    assert.equal(args.atom(), 'x');
    assert.ok(args.end());
  }
});

test('a literal is no atom, word or number, and stands only where it was announced', () => {
  const literal = Buffer.from('12');
  for (const production of ['atom', 'word', 'number', 'nzNumber', 'modSequence'] as const)
    assert.equal(scannerOf(literal)[production](), undefined);
  const args = scannerOf('ab', literal);
  assert.ok(args.accept('a'));
  assert.equal(args.string(), undefined);
  const behind = scannerOf(literal, literal, '');
  assert.equal(behind.string(), '12');
  assert.equal(behind.string(), '12');
  assert.ok(behind.end());
});

test('an empty literal is an empty string', () => {
  const args = scannerOf(Buffer.alloc(0));
  assert.equal(args.atEnd, false);
  assert.equal(args.astring(), '');
  assert.ok(args.end());
});

test('what comes behind a literal that was not read is no end', () => {
  const args = scannerOf('a', Buffer.from('b'));
  assert.equal(args.atom(), 'a');
  assert.equal(args.atEnd, false);
  assert.equal(args.end(), false);
  assert.equal(args.failure, 'expected the end of the command');
});

test('a literal that was taken as it came has its place, and is no string', () => {
  const args = scannerOf('x ', streamed);
  assert.equal(args.atom(), 'x');
  assert.ok(args.space());
  assert.equal(args.streamedLiteral(), true);
  assert.ok(args.end());
  for (const production of ['string', 'astring', 'nstring', 'listMailbox'] as const)
    assert.equal(scannerOf(streamed)[production](), undefined);
  assert.equal(scannerOf(Buffer.from('gathered')).streamedLiteral(), undefined);
  assert.equal(scannerOf('text').streamedLiteral(), undefined);
  assert.equal(scannerOf('').streamedLiteral(), undefined);
});

test('where the text ends for a literal that has not come, the end is reached', () => {
  const args = new Scanner({ texts: ['a1 APPEND INBOX '], literals: [] }, 'a1 APPEND'.length);
  assert.ok(args.space());
  assert.equal(args.astring(), 'INBOX');
  assert.equal(args.atEnd, false);
  assert.ok(args.space());
  assert.ok(args.atEnd);
  assert.equal(args.streamedLiteral(), undefined);
});

test('a list has its items between single spaces, and is empty only where it may be', () => {
  const list = (text: string, empty = false) => {
    const args = scannerOf(text);
    const items = args.list(() => args.atom(), { empty });
    return args.end() ? items : args.failure;
  };
  assert.deepEqual(list('(a)'), ['a']);
  assert.deepEqual(list('(a b c)'), ['a', 'b', 'c']);
  assert.deepEqual(list('()', true), []);
  assert.equal(list('()'), 'expected an atom');
  assert.equal(list('( a)'), 'expected an atom');
  assert.equal(list('(a  b)'), 'expected an atom');
  assert.equal(list('(a )'), 'expected an atom');
  assert.equal(list('(a'), 'expected ")"');
  assert.equal(list('(a"b")'), 'expected ")"');
  assert.equal(list('a'), 'expected a list in parentheses');
});

test('an item that knows no reason fails with what the list is', () => {
  const args = scannerOf('(a)');
  assert.equal(
    args.list(() => undefined, { what: 'a list of nothing' }),
    undefined,
  );
  assert.equal(args.failure, 'expected a list of nothing');
});

test('whatever the text is, nothing throws, and what is not taken is refused', () => {
  const random = seededRandom(3501);
  const alphabet = ['a', '1', '"', '\\', '(', ')', ' ', '{', '}', '%', '*', ']', 'NIL', '\0', '\xff', '\r'];
  const productions = [...new Set(taken.map(([production]) => production))];
  for (let round = 0; round < fuzzRounds; round++) {
    const pieces = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
      randomText(alphabet, Math.floor(random() * 12), random).toString('latin1'),
    );
    const literals = pieces.slice(1).map(() => (random() < 0.5 ? undefined : Buffer.from('lit')));
    const args = new Scanner({ texts: pieces, literals });
    for (let reads = 0; reads < 30 && args.failure === undefined && !args.atEnd; reads++) {
      const production = productions[Math.floor(random() * productions.length)] ?? 'atom';
      if (random() < 0.3) args.accept(alphabet[Math.floor(random() * alphabet.length)] ?? '');
      else if (random() < 0.1) args.streamedLiteral();
      else args[production]();
    }
    assert.equal(args.end(), args.failure === undefined);
  }
});
