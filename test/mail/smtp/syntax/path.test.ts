import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseForwardPath, parseReversePath } from '../../../../mail/smtp/syntax/path.ts';

/** `local|domain rest` of a path that is taken, or undefined. */
function reverse(text: string): string | undefined {
  const path = parseReversePath(text);
  if (path.kind === 'bad') return undefined;
  return `${path.value === null ? '<>' : `${path.value.localPart}|${path.value.domain}`}${path.rest}`;
}

test('a reverse-path is an address in angle brackets, or <>', () => {
  assert.equal(reverse('<pepe@example.org>'), 'pepe|example.org');
  assert.equal(reverse('<>'), '<>');
  assert.equal(reverse('<pepe@example.org> SIZE=10'), 'pepe|example.org SIZE=10');
  assert.equal(reverse('<> BODY=8BITMIME'), '<> BODY=8BITMIME');
});

test('a local part is a dot-string or a quoted-string', () => {
  assert.equal(reverse('<a.b+c=d@example.org>'), 'a.b+c=d|example.org');
  assert.equal(reverse(`<!#$%&'*+-/=?^_\`{|}~@example.org>`), "!#$%&'*+-/=?^_`{|}~|example.org");
  assert.equal(reverse('<"john doe"@example.org>'), 'john doe|example.org');
  assert.equal(reverse('<"a>b@c\\"\\\\d"@example.org>'), 'a>b@c"\\d|example.org');
  assert.equal(reverse(`<${'a'.repeat(64)}@example.org>`), `${'a'.repeat(64)}|example.org`);
});

test('a malformed local part is refused', () => {
  for (const localPart of [
    '',
    '.a',
    'a.',
    'a..b',
    'a b',
    '"a',
    'a"b"',
    '""',
    '"a\rb"',
    'a(b',
    'a'.repeat(65),
  ])
    assert.equal(reverse(`<${localPart}@example.org>`), undefined, localPart);
});

test('a domain is a name or an address literal', () => {
  for (const domain of [
    'example.org',
    'localhost',
    'xn--bcher-kva.example',
    '3com.com',
    '[192.0.2.1]',
    '[IPv6:2001:db8::1]',
    '[IPv6:2001:db8:1:2:3:4:5:6]',
    '[IPv6:::ffff:192.0.2.1]',
    '[IPv6:::]',
    '[X-tag:any.thing!]',
  ])
    assert.equal(reverse(`<a@${domain}>`), `a|${domain}`);
});

test('a malformed domain is refused', () => {
  for (const domain of [
    '',
    '.org',
    'example.',
    'a..b',
    '-a.org',
    'a-.org',
    'a_b.org',
    'a b',
    `${'a'.repeat(64)}.org`,
    `${'a.'.repeat(128)}org`,
    '[]',
    '[192.0.2.256]',
    '[192.0.2]',
    '[192.0.2.1',
    '[IPv6:2001:db8::1::2]',
    '[IPv6:1:2:3:4:5:6:7:8:9]',
    '[IPv6:1:2:3:4:5:6:7::8]',
    '[IPv6:12345::]',
    '[IPv6:192.0.2.1:1::]',
    '[IPv6:]',
    '[tag:]',
  ])
    assert.equal(reverse(`<a@${domain}>`), undefined, domain);
});

test('a source route is taken and ignored', () => {
  assert.equal(reverse('<@a.example,@b.example:pepe@example.org>'), 'pepe|example.org');
  assert.equal(reverse('<@a.example:pepe@example.org>'), 'pepe|example.org');
  for (const path of ['<@a.example>', '<@a.example,b.example:c@d>', '<@a.example,:c@d>', '<@:c@d>'])
    assert.equal(reverse(path), undefined, path);
});

test('an address in UTF-8 is taken', () => {
  assert.equal(reverse('<jöran@bücher.example>'), 'jöran|bücher.example');
  assert.equal(reverse('<用户@例子.广告>'), '用户|例子.广告');
  assert.equal(reverse('<"ü ü"@example.org>'), 'ü ü|example.org');
});

test('what stands behind a path must be apart from it', () => {
  for (const text of [
    '<a@b>SIZE=1',
    '<a@b>>',
    '<a@b',
    'a@b>',
    '<<a@b>>',
    '<a@b,c@d>',
    '<a@b >',
    '< a@b>',
    '',
  ]) {
    assert.equal(reverse(text), undefined, text);
  }
});

test('a forward-path may be <postmaster> without a domain, in any case', () => {
  for (const text of ['<postmaster>', '<Postmaster>', '<POSTMASTER>'])
    assert.deepEqual(parseForwardPath(text), { kind: 'ok', value: { kind: 'postmaster' }, rest: '' });
  assert.equal(parseForwardPath('<postmaster2>').kind, 'bad');
  assert.equal(parseForwardPath('<abuse>').kind, 'bad');
  assert.equal(parseForwardPath('<>').kind, 'bad');
  assert.deepEqual(parseForwardPath('<postmaster@example.org>'), {
    kind: 'ok',
    value: { kind: 'mailbox', address: { localPart: 'postmaster', domain: 'example.org' } },
    rest: '',
  });
});
