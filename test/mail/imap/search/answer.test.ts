import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseWriter } from '../../../../mail/imap/response-writer.ts';
import { tellFound, type Answer } from '../../../../mail/imap/search/answer.ts';
import { wholeResult } from '../../../../mail/imap/search/return-option.ts';
import { returnAll } from '../../../../mail/imap/search/return-options.ts';
import type { Session } from '../../../../mail/imap/session.ts';
import type { Output } from '../../../../mail/wire/engine.ts';

/** What is told of so many numbers, every second one; and the most octets that were written without a wait. */
async function told(count: number, answer: Partial<Answer> = {}, tag = 'a') {
  const written: Buffer[] = [];
  let unwaited = 0;
  let mostUnwaited = 0;
  const output: Output = {
    write(bytes) {
      written.push(Buffer.from(bytes));
      unwaited += bytes.length;
      mostUnwaited = Math.max(mostUnwaited, unwaited);
    },
    ready: async () => void (unwaited = 0),
    startTls: () => Promise.reject(new Error('none')),
    end: () => undefined,
    setIdleTimeout: () => undefined,
  };
  const out = new ResponseWriter(output);
  const numbers = Array.from({ length: count }, (_, at) => 1_000_000 + 2 * at);
  const found = { numbers, places: numbers, highestModSeq: 5 };
  await tellFound({ out, tag } as unknown as Session, {
    found,
    numbering: 'uid',
    asked: undefined,
    modSeq: false,
    ...answer,
  });
  out.flush();
  return { text: Buffer.concat(written).toString('latin1'), mostUnwaited };
}

test('a long answer is one line, and the client is waited for within it', async () => {
  const plain = await told(100_000, { modSeq: true });
  assert.match(plain.text, /^\* SEARCH( \d{7}){100000} \(MODSEQ 5\)\r\n$/);
  assert.ok(plain.mostUnwaited <= 65_536, `${plain.mostUnwaited} octets`);
  const ranges = await told(100_000, { asked: [returnAll] });
  assert.match(ranges.text, /^\* ESEARCH \(TAG "a"\) UID ALL \d{7}(,\d{7}){99999}\r\n$/);
  assert.ok(ranges.mostUnwaited <= 65_536, `${ranges.mostUnwaited} octets`);
});

test('a tag is quoted', async () => {
  assert.equal((await told(0, { asked: [returnAll] }, 'a\\"b')).text, '* ESEARCH (TAG "a\\\\\\"b") UID\r\n');
});

test('an option that only keeps the result is given it, and alone asks for no answer', async () => {
  const kept: (readonly number[])[] = [];
  const save = {
    extent: wholeResult,
    keep: (_: Session, { places }: { readonly places: readonly number[] }) => void kept.push(places),
  };
  assert.equal((await told(2, { asked: [save] })).text, '');
  assert.equal(
    (await told(2, { asked: [save, returnAll] })).text,
    '* ESEARCH (TAG "a") UID ALL 1000000,1000002\r\n',
  );
  assert.equal(kept.length, 2);
});
