/** Python's smtplib and poplib, in one script that says each step. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestPosta } from '../end-to-end/posta.ts';
import { runClient } from './run.ts';

test("Python's smtplib and poplib send, read, and are refused where they must be", async () => {
  await using posta = await TestPosta.start();
  const { smtp, submission, submissions, pop3, pop3s } = posta.ports;
  const result = await runClient(
    'python3',
    [
      join(import.meta.dirname, 'python_clients.py'),
      ...[smtp, submission, submissions, pop3, pop3s].map(String),
    ],
    { timeoutMs: 90_000 },
  );
  assert.equal(result.code, 0, result.stdout + result.stderr);
  assert.equal(result.stdout.match(/^ok /gm)?.length, 7, result.stdout);
});
