/** What became of a message, as an admin asks for it: `posta message trace`, and the files that it reads. */
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { TracedMessage } from '../../lambdas/admin/message-commands.ts';
import { postaCommand, TestPosta } from './posta.ts';
import { authenticate, greeted, sendByData } from './smtp-dialog.ts';

const pepe = 'pepe@example.test';
const paco = 'paco@example.test';

let posta: TestPosta;
before(async () => {
  posta = await TestPosta.start();
});
after(() => posta[Symbol.asyncDispose]());

/** Pepe writes to them; the message's id. */
async function send(to: readonly string[], header = ''): Promise<string> {
  using client = await greeted(posta.ports.submission);
  assert.match(await authenticate(client, pepe, 'pepe-password'), /^235 /);
  const message = `From: ${pepe}\r\n${header}Subject: traced\r\n\r\nNobody may read this in a log.\r\n`;
  const reply = await sendByData(client, { from: pepe, to, message });
  await client.command('QUIT');
  const id = /queued as (\S+)/.exec(reply)?.[1];
  assert.ok(id, reply);
  return id;
}

async function trace(id: string): Promise<TracedMessage> {
  const messages = JSON.parse(await posta.run('message', 'trace', id, '--json')) as TracedMessage[];
  assert.equal(messages.length, 1);
  return messages[0] as TracedMessage;
}

/** As soon as that was logged: filing follows the answer. */
async function traceUntil(id: string, event: string): Promise<TracedMessage> {
  for (let tries = 1; ; tries += 1) {
    const traced = await trace(id);
    if (traced.lines.some((line) => line.event === event)) return traced;
    assert.ok(tries < 50, `${event} did not come: ${JSON.stringify(traced.lines)}`);
    await pause(100);
  }
}

test('a message is told of from its session to the mailbox that has it', async () => {
  const id = await send([paco], 'Message-ID: <traced@client.test>\r\n');
  const traced = await traceUntil(id, 'deliver.delivered');
  const events = traced.lines.map(({ event }) => event);
  const expected = ['smtp.connected', 'smtp.authenticated', 'deliver.delivered', 'smtp.accepted'];
  assert.deepEqual(
    events.filter((event) => expected.includes(event)),
    expected,
  );
  assert.deepEqual(
    traced.lines.toSorted((a, b) => a.time.localeCompare(b.time)),
    traced.lines,
  );
  assert.deepEqual(
    traced.accounts.map(({ account, places }) => [account, places]),
    [[paco, [{ folder: 'INBOX', uid: 1 }]]],
  );
  assert.equal((await trace('<traced@client.test>')).messageId, id);
});

test('a person reads it as tables', async () => {
  const id = await send([paco]);
  await traceUntil(id, 'deliver.delivered');
  const text = await posta.run('message', 'trace', id);
  assert.match(text, new RegExp(`^Message ${id}\\n\\nTIME +WHAT +DETAILS\\n`));
  assert.match(text, /\n\d{4}-\d\d-\d\dT[\d:.]+Z {2}smtp\.accepted +role=msa {2}from=pepe@example\.test /);
  assert.match(text, /\n\nHere:\nACCOUNT +FOLDER +UID\npaco@example\.test +INBOX +\d+\n$/);
});

test('the lines are kept in a file that only the server’s user reads, without a password or a word of a message', async () => {
  await send([paco]);
  const path = join(posta.dataDir, 'log', `${new Date().toISOString().slice(0, 10)}.jsonl`);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const text = await readFile(path, 'utf8');
  const events = text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: string }).event);
  assert.ok(events.includes('smtp.accepted'));
  for (const secret of [
    'pepe-password',
    Buffer.from(`\0${pepe}\0pepe-password`).toString('base64'),
    'Nobody may',
  ])
    assert.equal(text.includes(secret), false);
});

test('what the posta command did is kept too', async () => {
  await posta.run('account', 'quota', paco, '1G');
  const path = join(posta.dataDir, 'log', `${new Date().toISOString().slice(0, 10)}.jsonl`);
  assert.match(await readFile(path, 'utf8'), /"command":"account quota","subject":"paco@example\.test"/);
});

test('an id that nobody knows is refused with what to do', async () => {
  const result = await postaCommand(['message', 'trace', 'unknown', '--data', posta.dataDir]);
  assert.deepEqual([result.code, result.stdout], [1, '']);
  assert.match(result.stderr, /^error: Nothing is known of a message unknown\. Its id stands in [^\n]+\n$/);
});
