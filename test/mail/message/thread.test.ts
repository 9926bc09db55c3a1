import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHeader } from '../../../mail/message/header.ts';
import { firstMessageId, ownMessageId, threadIdOf } from '../../../mail/message/thread.ts';

const thread = (header: string) => threadIdOf(parseHeader(Buffer.from(header)));

test('an answer is in the thread of what it answers', () => {
  const first = thread('Message-ID: <1@x>\r\n');
  assert.match(first ?? '', /^T[A-Za-z0-9_-]{22}$/);
  assert.equal(thread('Message-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\n'), first);
  assert.equal(thread('Message-ID: <3@x>\r\nIn-Reply-To: <2@x>\r\nReferences: <1@x>\r\n <2@x>\r\n'), first);
  assert.equal(thread('Message-ID: 1@x\r\n'), first);
  assert.notEqual(thread('Message-ID: <2@x>\r\n'), first);
});

test('without any id there is no thread', () => {
  assert.equal(thread('Subject: x\r\nReferences:\r\nMessage-ID:\r\n'), undefined);
});

test('ids are found in what is around them', () => {
  assert.equal(firstMessageId('Your message of today, <a\t@b> and <c@d>'), 'a@b');
  assert.equal(firstMessageId('<><<e@f>'), 'e@f');
  assert.equal(firstMessageId('<open'), undefined);
  assert.equal(firstMessageId('<'.repeat(50_000)), undefined);
  assert.equal(firstMessageId(`<${'x'.repeat(2000)}> <y@z>`), 'y@z');
  assert.equal(ownMessageId(parseHeader(Buffer.from('Message-ID: two words\r\n'))), undefined);
});
