/** Python's imaplib, in one script that uses every command it has and says each step. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ImapDialog } from '../end-to-end/imap-dialog.ts';
import { TestPosta } from '../end-to-end/posta.ts';
import { runClient } from './run.ts';

test("Python's imaplib logs in, keeps folders, reads, searches, flags, copies, moves and expunges", async () => {
  await using posta = await TestPosta.start();
  const { imap, imaps } = posta.ports;
  const script = join(import.meta.dirname, 'python_imap.py');
  const result = await runClient('python3', [script, String(imap), String(imaps)], { timeoutMs: 90_000 });
  assert.equal(result.code, 0, result.stdout + result.stderr);
  assert.equal(result.stdout.match(/^ok /gm)?.length, 11, result.stdout);
  const left: Record<string, string[]> = {};
  for (const mailbox of ['INBOX', 'Work', 'Letters']) {
    using session = await ImapDialog.logIn(posta, paco, { mailbox });
    left[mailbox] = (await session.messages()).map(
      ({ message, flags }) => `${/Subject: letter (\d)/.exec(message.toString())?.[1]} ${flags.join(' ')}`,
    );
  }
  assert.deepEqual(left, {
    INBOX: ['2 \\Flagged \\Seen work', '3 ', '6 \\Answered', '7 '],
    Work: ['1 \\Flagged \\Seen', '2 \\Flagged \\Seen work'],
    Letters: ['4 ', '5 '],
  });
});

const paco = { user: 'paco@example.test', password: 'paco-password' };
