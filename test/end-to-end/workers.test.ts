/** `posta serve --workers`: several processes on one data directory and the same ports, one server to whoever connects. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImapDialog } from './imap-dialog.ts';
import { postaCommand, TestPosta } from './posta.ts';
import { greeted, sendByData } from './smtp-dialog.ts';

const paco = { user: 'paco@example.test', password: 'paco-password' };
const three = ['--workers', '3'];
/** Over three processes; that all fall to one is a matter of years. */
const connections = 18;
const messagesEach = 4;

/** The processes that the server has started. */
function workersOf({ pid }: TestPosta): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
  return text.split(' ').filter(Boolean).map(Number);
}

async function until(what: string, is: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await is())) {
    assert.ok(Date.now() < deadline, `not in time: ${what}`);
    await sleep(20);
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

/** All that the mailbox holds: its uids, and which message has each. */
async function listed(session: ImapDialog): Promise<string> {
  const messages = await session.messages();
  return messages
    .map(({ uid, message }) => `${uid} ${/Subject: (.*)\r/.exec(message.toString('latin1'))?.[1]}`)
    .join('\n');
}

test('mail that any process takes is heard of in the sessions of all, in one order', async () => {
  await using posta = await TestPosta.start({ args: three });
  assert.equal(workersOf(posta).length, 2);
  const sessions = await Promise.all(
    numbers(connections).map(() => ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' })),
  );
  const idling = await Promise.all(sessions.map((session) => session.begin('IDLE')));
  const clients = await Promise.all(numbers(connections).map(() => greeted(posta.ports.smtp)));
  await Promise.all(
    clients.map(async (client, at) => {
      for (const number of numbers(messagesEach)) {
        const message = `From: a@elsewhere.test\r\nSubject: ${at}-${number}\r\n\r\nText.\r\n`;
        const reply = await sendByData(client, { from: 'a@elsewhere.test', to: [paco.user], message });
        assert.match(reply, /^250 /);
      }
      client.close();
    }),
  );
  const all = connections * messagesEach;
  const lists = await Promise.all(
    sessions.map(async (session, at) => {
      let text = '';
      while (text !== `* ${all} EXISTS`) ({ text } = await session.response());
      session.sendOctets('DONE\r\n');
      await session.answer(idling[at] ?? '');
      return listed(session);
    }),
  );
  assert.equal(new Set(lists).size, 1);
  const lines = (lists[0] ?? '').split('\n');
  assert.deepEqual(
    lines.map((line) => Number(line.split(' ')[0])),
    numbers(all).map((number) => number + 1),
  );
  assert.equal(new Set(lines.map((line) => line.split(' ')[1])).size, all);
  // What one client sent one after the other stands in that order.
  for (const at of numbers(connections))
    assert.deepEqual(
      lines.map((line) => line.split(' ')[1]).filter((subject) => subject?.startsWith(`${at}-`)),
      numbers(messagesEach).map((number) => `${at}-${number}`),
    );
  for (const session of sessions) session.close();
  const served = new Set(
    logLines(posta)
      .filter(({ event }) => event === 'imap.selected' || event === 'listener.closed')
      .map(({ worker }) => worker),
  );
  assert.ok(served.size >= 2, 'the connections all went to one process');
});

interface LogLine {
  readonly event: string;
  readonly worker?: number;
}

function logLines({ output }: TestPosta): readonly LogLine[] {
  return output.stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine);
}

test('a change of one session is told in the sessions of the other processes', async () => {
  await using posta = await TestPosta.start({ args: three });
  const sessions = await Promise.all(
    numbers(connections).map(() => ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' })),
  );
  const [first] = sessions;
  assert.ok(first);
  await first.append('INBOX', 'Subject: one\r\n\r\nText.\r\n');
  await first.ok('STORE 1 +FLAGS (\\Flagged)');
  await Promise.all(
    sessions.map(async (session) => {
      await until('the flag in every session', async () => {
        await session.ok('NOOP');
        const { untagged } = await session.command('FETCH 1 (FLAGS)');
        return untagged.some(({ text }) => text.includes('\\Flagged'));
      });
      session.close();
    }),
  );
});

test('a worker that is killed is started again', async () => {
  await using posta = await TestPosta.start({ args: three });
  const before = workersOf(posta);
  process.kill(before[0] ?? 0, 'SIGKILL');
  await until('another worker', () => {
    const now = workersOf(posta);
    return now.length === 2 && now.every((pid) => pid !== before[0]);
  });
  assert.ok(logLines(posta).some(({ event }) => event === 'serve.workerEnded'));
  const sessions = await Promise.all(numbers(connections).map(() => ImapDialog.logIn(posta, paco)));
  for (const session of sessions) session.close();
});

test('at its end every session of every process is told, and none is left', async () => {
  await using posta = await TestPosta.start({ args: three });
  const workers = workersOf(posta);
  const sessions = await Promise.all(numbers(connections).map(() => ImapDialog.logIn(posta, paco)));
  const stopped = posta.stop();
  for (const session of sessions) {
    assert.match((await session.response()).text, /^\* BYE /);
    session.close();
  }
  assert.equal(await stopped, 0);
  assert.deepEqual(
    workers.filter((pid) => existsSync(`/proc/${pid}`)),
    [],
  );
});

test('a server that is killed takes its workers with it, and another takes its ports', async () => {
  await using posta = await TestPosta.start({ args: three });
  const workers = workersOf(posta);
  await posta.stop('SIGKILL');
  await until('the workers to end', () => workers.every((pid) => !existsSync(`/proc/${pid}`)));
  await posta.serve();
  const session = await ImapDialog.logIn(posta, paco);
  session.close();
});

test('two servers never share ports', async () => {
  await using posta = await TestPosta.start({ args: three });
  await using other = await TestPosta.start();
  const ports = ['--port-base', String(posta.portBase), ...three];
  await other.stop();
  const { code, stderr } = await postaCommand(['serve', '--data', other.dataDir, ...ports]);
  assert.equal(code, 1);
  assert.match(stderr, /in use|Choose other ports/);
});
