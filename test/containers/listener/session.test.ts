import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from './client.ts';
import { startServer, until } from './server.ts';

const options = { timeout: 20_000 };

test('The answers to a pipelined group leave in one write', options, async (t) => {
  const { port, listening } = await startServer(t, { limits: { corkMs: 5000 } });
  const client = await Client.open(port);
  assert.equal(await client.line(), 'hello');
  const before = client.reads.length;
  client.send(
    Array.from({ length: 200 }, (_, n) => `${n % 50 === 49 ? 'PAUSE 2' : `line ${n}`}\r\n`).join(''),
  );
  const lines = await client.lines(200);
  assert.equal(lines[0], 'echo line 0');
  assert.equal(lines[199], 'paused');
  assert.equal(client.reads.length - before, 1);
  assert.equal(listening.health().sessions, 1);
  client.close();
});

test('What an engine writes leaves after a while though its call goes on', options, async (t) => {
  const { port, seen } = await startServer(t, { limits: { corkMs: 10 } });
  const client = await Client.open(port);
  client.send('WAIT\r\n');
  assert.deepEqual(await client.lines(2), ['hello', 'waiting']);
  seen[0]?.gate.resolve();
  assert.equal(await client.line(), 'waited');
  client.close();
});

test('An engine hears that its connection is gone in the middle of a call', options, async (t) => {
  const { port, seen } = await startServer(t, { limits: { corkMs: 10 } });
  const client = await Client.open(port);
  client.send('WAIT\r\n');
  assert.deepEqual(await client.lines(2), ['hello', 'waiting']);
  client.socket.resetAndDestroy();
  await until(() => seen[0]?.events.at(-1) === 'closed');
  seen[0]?.gate.resolve();
});

test('What an engine writes between calls leaves by itself', options, async (t) => {
  const { port } = await startServer(t);
  const client = await Client.open(port);
  client.send('LATER 5\r\n');
  assert.deepEqual(await client.lines(2), ['hello', 'later']);
  client.close();
});

test('No call of an engine begins before the last has settled', options, async (t) => {
  const { port, seen } = await startServer(t);
  const client = await Client.open(port);
  for (let n = 0; n < 20; n++) {
    client.send(`PAUSE 3\r\n`);
    await sleep(1);
  }
  assert.equal((await client.lines(21)).at(-1), 'paused');
  assert.equal(seen[0]?.events.includes('overlap'), false);
  client.close();
});

test('A client that ended its side still gets all answers, and then the end', options, async (t) => {
  const { port, seen } = await startServer(t);
  const client = await Client.open(port);
  client.socket.end('one\r\nPAUSE 5\r\ntwo\r\n');
  assert.deepEqual(await client.lines(5), ['hello', 'echo one', 'paused', 'echo two', undefined]);
  await until(() => seen[0]?.events.at(-1) === 'closed');
});

test('After the engine ended, its last words arrive and nothing after them', options, async (t) => {
  const { port, seen, counts } = await startServer(t);
  const client = await Client.open(port);
  // Unread input behind QUIT must not reset the connection under the answer.
  client.send(`one\r\nQUIT\r\n${'x\r\n'.repeat(20_000)}`);
  assert.deepEqual(await client.lines(4), ['hello', 'echo one', 'bye', undefined]);
  client.socket.end();
  await until(() => counts.get('listener.ended engine') === 1);
  assert.equal(seen[0]?.events.filter((event) => event === 'closed').length, 1);
});

test('A client that keeps its side open after the end is cut off', options, async (t) => {
  const { port, listening } = await startServer(t, { limits: { lingerMs: 20 } });
  const client = await Client.open(port);
  client.send('QUIT\r\n');
  assert.deepEqual(await client.lines(3), ['hello', 'bye', undefined]);
  await until(() => listening.health().openConnections === 0);
  client.close();
});

test('A client that reads nothing stops the engine, and later loses nothing', options, async (t) => {
  const { port, seen } = await startServer(t);
  const client = await Client.open(port);
  assert.equal(await client.line(), 'hello');
  client.socket.pause();
  const before = process.memoryUsage().arrayBuffers;
  client.send('BIG 800\r\nafter\r\n');
  let last = -1;
  await until(() => (seen[0]?.pieces ?? 0) > 0);
  while (last !== seen[0]?.pieces) {
    last = seen[0]?.pieces ?? 0;
    await sleep(100);
  }
  assert.ok(last < 400, `${last} pieces of 64 KB were written to a client that does not read`);
  assert.ok(process.memoryUsage().arrayBuffers - before < 16 * 1024 * 1024);
  client.socket.resume();
  const lines = await client.lines(800 * 64 + 1);
  assert.ok(lines.slice(0, -1).every((line) => line?.length === 1022));
  assert.equal(lines.at(-1), 'echo after');
  client.close();
});

test('A client that sends and never reads stops being read', options, async (t) => {
  const { port, seen } = await startServer(t);
  const client = await Client.open(port);
  assert.equal(await client.line(), 'hello');
  client.socket.pause();
  const commands = Buffer.from(`${'x'.repeat(900)}\r\n`.repeat(64));
  for (let sent = 0; sent < 600; sent++) client.send(commands);
  let last = -1;
  while (last !== seen[0]?.events.length) {
    last = seen[0]?.events.length ?? 0;
    await sleep(100);
  }
  assert.ok(last < 600 * 64, 'all commands were answered though no answer was read');
  client.close();
});

test('A client that stands still while it is written to is cut off', options, async (t) => {
  const { port, seen, counts } = await startServer(t, { limits: { slowClientTimeoutMs: 50 } });
  const client = await Client.open(port);
  assert.equal(await client.line(), 'hello');
  client.socket.pause();
  client.send('BIG 2000\r\n');
  await until(() => counts.get('listener.ended slowClient') === 1);
  assert.equal(seen[0]?.events.at(-1), 'closed');
  client.close();
});

test('An engine that never waits for the client is cut off before memory runs out', options, async (t) => {
  const { port, counts } = await startServer(t, { limits: { maxOutputBytes: 1024 * 1024 } });
  const client = await Client.open(port);
  client.socket.pause();
  client.send('FLOOD 500\r\n');
  await until(() => counts.get('listener.ended outputOverflow') === 1);
  client.close();
});

test(
  'A client that sends nothing for the idle time-out is told, and the connection ends',
  options,
  async (t) => {
    const { port, seen, counts } = await startServer(t, { limits: { idleTimeoutMs: 30 } });
    const client = await Client.open(port);
    assert.deepEqual(await client.lines(3), ['hello', 'bye idle', undefined]);
    client.close();
    await until(() => counts.get('listener.ended idle') === 1);
    assert.deepEqual(seen[0]?.events, ['start clear', 'idle', 'closed']);
  },
);

test('No client is idle while its command is under way', options, async (t) => {
  const { port } = await startServer(t);
  const client = await Client.open(port);
  client.send('PATIENCE 30\r\nPAUSE 120\r\n');
  assert.deepEqual(await client.lines(3), ['hello', 'paused', 'bye idle']);
  client.close();
});

test('An engine sets the idle time-out from then on', options, async (t) => {
  const { port, seen } = await startServer(t, { limits: { idleTimeoutMs: 60_000 } });
  const client = await Client.open(port);
  client.send('PATIENCE 20\r\n');
  assert.deepEqual(await client.lines(3), ['hello', 'bye idle', undefined]);
  client.close();
  await until(() => seen[0]?.events.at(-1) === 'closed');
});

test('What an engine throws becomes one log line, one metric and the fault text', options, async (t) => {
  const { port, log, counts, seen } = await startServer(t);
  const client = await Client.open(port);
  client.send('one\r\nTHROW\r\ntwo\r\n');
  assert.deepEqual(await client.lines(4), ['hello', 'echo one', 'went wrong', undefined]);
  client.close();
  await until(() => seen[0]?.events.at(-1) === 'closed');
  const faults = log.filter(({ event }) => event === 'listener.fault');
  assert.equal(faults.length, 1);
  assert.match(String(faults[0]?.fault), /as asked/);
  assert.equal(faults[0]?.fields['connection'], seen[0]?.connection.id);
  assert.equal(counts.get('listener.faults'), 1);
});

test('A client that goes in the middle of an answer is no fault', options, async (t) => {
  const { port, log, seen } = await startServer(t);
  const client = await Client.open(port);
  client.socket.pause();
  client.send('BIG 5000\r\n');
  await until(() => (seen[0]?.pieces ?? 0) > 3);
  client.socket.resetAndDestroy();
  await until(() => log.some(({ event }) => event === 'listener.closed'));
  assert.deepEqual(
    log.filter(({ level }) => level === 'error'),
    [],
  );
  assert.equal(seen[0]?.events.filter((event) => event === 'closed').length, 1);
});
