import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completed, farewells, formatStatus, statuses, type Status } from '../../../mail/imap/status.ts';

/** Every status of the table, those that are made with an argument too. */
const all: readonly Status[] = [
  ...Object.values(statuses).flatMap((entry) => (typeof entry === 'function' ? [] : [entry])),
  statuses.syntax('STORE', 'expected a flag'),
  statuses.wrongState('STORE', 'log in first'),
  statuses.noSuchNumber(3),
  statuses.unknownMechanism(['PLAIN', 'LOGIN']),
  statuses.authThrottled(1),
  statuses.messageTooLarge(7),
];

test('a status is its word, its code and its text', () => {
  assert.equal(formatStatus(completed('NOOP')), 'OK NOOP completed');
  assert.equal(formatStatus(completed('SELECT', 'READ-ONLY')), 'OK [READ-ONLY] SELECT completed');
  assert.equal(
    formatStatus(statuses.noSuchNumber(3)),
    'BAD No such message: the mailbox has 3, numbered from 1',
  );
});

test('text that came from outside cannot be a line, or too long for one', () => {
  const text = formatStatus(statuses.syntax('X', `a\r\nb\0\xe9 ${'y'.repeat(1000)}`));
  assert.match(text, /^BAD X: a\?\?b\?\? y+$/);
  assert.ok(text.length <= 410);
});

test('every status has text in ASCII, and its code is one of the registry', () => {
  // https://www.iana.org/assignments/imap-response-codes
  const registered = new Set(
    (
      'ALERT ALREADYEXISTS APPENDUID AUTHENTICATIONFAILED AUTHORIZATIONFAILED BADCHARSET CANNOT CAPABILITY CLIENTBUG ' +
      'CLOSED CONTACTADMIN COPYUID CORRUPTION EXPIRED EXPUNGEISSUED HASCHILDREN HIGHESTMODSEQ INUSE LIMIT MODIFIED ' +
      'NONEXISTENT NOPERM OVERQUOTA PERMANENTFLAGS PRIVACYREQUIRED READ-ONLY READ-WRITE SERVERBUG TOOBIG TRYCREATE ' +
      'UIDNEXT UIDVALIDITY UNAVAILABLE UNSEEN USEATTR'
    ).split(' '),
  );
  assert.ok(all.length > 30);
  for (const status of [...all, ...Object.values(farewells)]) {
    const { code, text } = status as { readonly code?: string; readonly text: string };
    assert.match(text, /^[A-Z][\x20-\x7e]+[^.]$/, text);
    if (code !== undefined) assert.ok(registered.has(code.split(' ')[0] ?? ''), code);
    if (code !== undefined) assert.match(code, /^[A-Z-]+(?: [^\]]+)?$/);
  }
});

test('every refusal has a reason for log and metrics', () => {
  for (const status of all) if (status.status !== 'OK') assert.match(status.reason, /^[a-z][A-Za-z0-9]+$/);
  for (const { reason } of Object.values(farewells)) assert.match(reason, /^[a-z][A-Za-z]+$/);
});
