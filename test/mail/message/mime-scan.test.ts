import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findPart, sectionRange, type Section } from '../../../mail/message/part-table.ts';
import { scanMessage } from '../../../mail/message/scan-message.ts';
import { sample } from './samples.ts';

function section(message: Buffer, numbers: readonly number[], of: Section['of'] = 'whole') {
  const range = sectionRange(scanMessage(message).parts, { numbers, of });
  return range === undefined ? undefined : message.toString('latin1', range.start, range.end);
}

const multipart = (boundary: string, ...parts: string[]) =>
  `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n` +
  parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('') +
  `--${boundary}--\r\n`;
const leaf = (type: string, text: string) => `Content-Type: ${type}\r\n\r\n${text}`;
const attached = (message: string) => `Content-Type: message/rfc822\r\n\r\n${message}`;

/** The message of RFC 3501 section 6.4.5, `BODY[4.2.2]` and all. */
const numbered = Buffer.from(
  `Subject: outer\r\n${multipart(
    'a',
    leaf('text/plain', 'is 1'),
    leaf('application/octet-stream', 'is 2'),
    attached(
      `Subject: of 3\r\n${multipart('b', leaf('text/plain', 'is 3.1'), leaf('application/octet-stream', 'is 3.2'))}`,
    ),
    multipart(
      'c',
      leaf('image/gif', 'is 4.1'),
      attached(
        `Subject: of 4.2\r\n${multipart(
          'd',
          leaf('text/plain', 'is 4.2.1'),
          multipart('e', leaf('text/plain', 'is 4.2.2.1'), leaf('text/richtext', 'is 4.2.2.2')),
        )}`,
      ),
    ),
  )}`,
);

test('part specifiers name what the example of RFC 3501 section 6.4.5 says', () => {
  for (const numbers of [[1], [2], [3, 1], [3, 2], [4, 1], [4, 2, 1], [4, 2, 2, 1], [4, 2, 2, 2]])
    assert.equal(section(numbered, numbers), `is ${numbers.join('.')}`);
  assert.equal(
    section(numbered, [], 'HEADER'),
    'Subject: outer\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n',
  );
  assert.equal(
    section(numbered, [3], 'HEADER'),
    'Subject: of 3\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n',
  );
  assert.match(section(numbered, [3], 'TEXT') ?? '', /^--b\r\n[^]*--b--\r\n$/);
  assert.equal(section(numbered, [1], 'MIME'), 'Content-Type: text/plain\r\n\r\n');
  assert.match(section(numbered, [4, 2], 'HEADER') ?? '', /^Subject: of 4.2\r\n/);
  assert.equal(section(numbered, [4, 2, 2, 1], 'MIME'), 'Content-Type: text/plain\r\n\r\n');
  assert.match(section(numbered, [4, 2, 2]) ?? '', /^--e\r\n[^]*--e--\r\n$/);
  assert.equal(section(numbered, []), numbered.toString('latin1'));
});

test('part specifiers that name nothing give undefined', () => {
  for (const numbers of [[5], [0], [1, 1], [3, 3], [4, 2, 2, 3], [4, 1, 1]])
    assert.equal(section(numbered, numbers), undefined, numbers.join('.'));
  assert.equal(section(numbered, [1], 'HEADER'), undefined);
  assert.equal(section(numbered, [4], 'TEXT'), undefined);
  assert.equal(section(numbered, [], 'MIME'), undefined);
});

test('the body of a message that is no multipart is its part 1', () => {
  const message = sample('plain');
  assert.equal(section(message, [1]), section(message, [], 'TEXT'));
  assert.equal(section(message, [1], 'MIME'), section(message, [], 'HEADER'));
  assert.equal(section(message, [1, 1]), undefined);
});

test('a message/rfc822 at the top has the parts of the message in it', () => {
  const message = Buffer.from(attached(`Subject: in\r\n\r\ntext`));
  assert.equal(section(message, [1]), 'Subject: in\r\n\r\ntext');
  assert.equal(section(message, [1], 'HEADER'), 'Subject: in\r\n\r\n');
  assert.equal(section(message, [1, 1]), 'text');
  assert.equal(findPart(scanMessage(message).parts, [1, 1, 1]), undefined);
});

test('the line end before a boundary belongs to the boundary, CRLF or LF', () => {
  assert.equal(
    section(sample('rfc2046-mixed'), [1]),
    'This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.',
  );
  assert.match(section(sample('rfc2046-mixed'), [2]) ?? '', /It DOES end with a linebreak\.\r\n$/);
  assert.equal(section(sample('lf-only'), [1]), 'one');
  assert.equal(section(sample('lf-only'), [2]), 'two');
});

test('a part without an empty line is all header, and its body is empty', () => {
  assert.equal(section(sample('empty-parts'), [3], 'MIME'), 'Content-Type: image/gif');
  assert.equal(section(sample('empty-parts'), [3]), '');
  assert.equal(section(sample('empty-parts'), [5]), 'Subject: no empty line');
  assert.equal(section(sample('empty-parts'), [5], 'HEADER'), 'Subject: no empty line');
  assert.equal(section(sample('empty-parts'), [5], 'TEXT'), '');
});

test('an outer boundary ends the parts within, and an inner one is forgotten with its multipart', () => {
  assert.equal(section(sample('outer-ends-inner'), [1, 1]), 'one');
  assert.equal(section(sample('outer-ends-inner'), [2]), 'two\r\n--inner\r\nnot a part');
});

test('of equal boundaries the innermost is meant', () => {
  const message = sample('equal-boundaries');
  assert.deepEqual(
    [[1, 1], [1, 2], [2]].map((numbers) => section(message, numbers)),
    ['one', 'two', 'three'],
  );
});

test('a boundary is the whole line but for the white space after it', () => {
  const message = sample('boundary-prefix');
  assert.equal(section(message, [1, 1]), 'one\r\n--bbb\r\nstill one');
  assert.equal(section(message, [2]), 'two\r\n --b\r\nstill two');
  assert.equal(section(message, [3]), undefined);
});

test('a delimiter that is the last line needs no line end', () => {
  const message = Buffer.from('Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--');
  assert.equal(section(message, [1]), 'one');
  assert.equal(section(Buffer.concat([message.subarray(0, -2)]), [2]), '');
});

test('a line that begins with a carriage return neither ends a header nor is a delimiter', () => {
  const message = Buffer.from(
    'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nA: 1\r\n\r-\r\n\r--b\r\nB: 2\r\n\r\none\r\n--b--',
  );
  assert.equal(section(message, [1], 'MIME'), 'A: 1\r\n\r-\r\n\r--b\r\nB: 2\r\n\r\n');
  assert.equal(section(message, [1]), 'one');
});
