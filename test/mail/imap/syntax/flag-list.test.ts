import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  flagList,
  formatFlags,
  formatPermanentFlags,
  storeFlags,
} from '../../../../mail/imap/syntax/flag-list.ts';
import { allSystemFlags, systemFlags, type Flags } from '../../../../mail/mailbox/flags.ts';
import { scannerOf } from './scan.ts';

/** What `read` makes of the whole text, or why it does not. */
function read(production: typeof flagList, text: string): Flags | string | undefined {
  const args = scannerOf(text);
  const flags = production(args);
  return args.end() ? flags : args.failure;
}

const { seen, answered, flagged, deleted, draft } = systemFlags;

test('a flag-list has system flags in any case, and keywords as they are spelled', () => {
  assert.deepEqual(read(flagList, '()'), { system: 0, keywords: [] });
  assert.deepEqual(read(flagList, '(\\Seen)'), { system: seen, keywords: [] });
  assert.deepEqual(read(flagList, '(\\ANSWERED \\flagged \\Deleted \\sEEN \\Draft)'), {
    system: answered | flagged | deleted | seen | draft,
    keywords: [],
  });
  assert.deepEqual(read(flagList, '($Forwarded \\Seen Junk \\Seen)'), {
    system: seen,
    keywords: ['$Forwarded', 'Junk'],
  });
  assert.deepEqual(read(flagList, "(!#$&'+,-./09:;<=>?@Az^_`|}~)"), {
    system: 0,
    keywords: ["!#$&'+,-./09:;<=>?@Az^_`|}~"],
  });
});

test('\\Recent is passed over: it is the server that sets it (RFC 3501 section 2.3.2)', () => {
  assert.deepEqual(read(flagList, '(\\Recent)'), { system: 0, keywords: [] });
  assert.deepEqual(read(storeFlags, '\\RECENT \\Seen'), { system: seen, keywords: [] });
});

test('STORE takes flags without parentheses', () => {
  assert.deepEqual(read(storeFlags, '\\Deleted'), { system: deleted, keywords: [] });
  assert.deepEqual(read(storeFlags, '\\Deleted $Work \\Seen'), {
    system: deleted | seen,
    keywords: ['$Work'],
  });
  assert.deepEqual(read(storeFlags, '()'), { system: 0, keywords: [] });
});

test('what is no flag is refused', () => {
  for (const text of ['(\\Important)', '(\\*)', '(\\)', '(\\\\Seen)', '(\\Seen$)'])
    assert.match(JSON.stringify(read(flagList, text)), /^"expected a flag/, text);
  for (const text of [
    '(',
    '(\\Seen',
    '(\\Seen )',
    '( \\Seen)',
    '(\\Seen  \\Draft)',
    '("\\Seen")',
    '((\\Seen))',
  ])
    assert.match(JSON.stringify(read(flagList, text)), /^"expected/, text);
  for (const text of ['', '(a]b)', '(a%)', '(a*)', '(\xe9)', 'Seen', '(a{3})'])
    assert.equal(typeof read(flagList, text), 'string', text);
  for (const text of ['', ' ', '\\Seen ', '\\Seen  \\Draft', '\\Seen)', 'a,b(c'])
    assert.equal(typeof read(storeFlags, text), 'string', text);
});

test('a keyword has 64 octets at most', () => {
  const longest = 'k'.repeat(64);
  assert.deepEqual(read(flagList, `(${longest})`), { system: 0, keywords: [longest] });
  assert.equal(read(flagList, `(${longest}k)`), 'expected a keyword of 64 octets at most');
});

test('each of the 32 sets of system flags comes back the same', () => {
  for (let system = 0; system <= allSystemFlags; system++) {
    assert.deepEqual(read(flagList, formatFlags({ system, keywords: [] })), { system, keywords: [] });
    const more = formatFlags({ system, keywords: ['$A', 'b'] }, { recent: true });
    assert.ok(more.includes('\\Recent'));
    assert.deepEqual(read(flagList, more), { system, keywords: ['$A', 'b'] });
  }
});

test('flags are written in one order: those of the system, \\Recent, keywords', () => {
  assert.equal(formatFlags({ system: 0, keywords: [] }), '()');
  assert.equal(formatFlags({ system: 0, keywords: [] }, { recent: true }), '(\\Recent)');
  assert.equal(formatFlags({ system: 0, keywords: ['$A'] }), '($A)');
  assert.equal(
    formatFlags({ system: allSystemFlags, keywords: ['$A', 'b'] }, { recent: true }),
    '(\\Answered \\Flagged \\Deleted \\Seen \\Draft \\Recent $A b)',
  );
});

test('PERMANENTFLAGS is all flags and new keywords, or none where the mailbox is open read-only', () => {
  const view = { keywords: new Set(['$Work', 'Junk']) };
  assert.equal(
    formatPermanentFlags({ readOnly: false, view }),
    '(\\Answered \\Flagged \\Deleted \\Seen \\Draft $Work Junk \\*)',
  );
  assert.equal(formatPermanentFlags({ readOnly: true, view }), '()');
});
