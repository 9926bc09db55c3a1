/** What transcripts do not show: what happens while a command is under way, and what log and metrics tell. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import type { Authenticator } from '../../../mail/auth/authenticator.ts';
import { pop3Limits } from '../../../mail/pop3/limits.ts';
import { fakeAuthenticator } from './fake-maildrops.ts';
import { Pop3Server, type Pop3Session } from './pop3-server.ts';

/** A server with one message, and a session that is logged in. */
async function loggedIn(
  settings: ConstructorParameters<typeof Pop3Server>[0] = {},
): Promise<{ readonly server: Pop3Server; readonly session: Pop3Session }> {
  const server = new Pop3Server(settings);
  server.direct('octets', '20000');
  const session = await server.session('tls');
  await session.logIn();
  return { server, session };
}

/** Reading of the maildrop's messages stops after so many chunks, until the gate opens. */
function gateAfter(server: Pop3Server, chunks: number): PromiseWithResolvers<void> {
  const gate = Promise.withResolvers<void>();
  const { maildrops } = server;
  const open = maildrops.open.bind(maildrops);
  maildrops.open = async () => {
    const opened = await open();
    if (opened.kind !== 'open') return opened;
    return {
      ...opened,
      async *read(index) {
        let count = 0;
        for await (const chunk of opened.read(index)) {
          if (count++ === chunks) await gate.promise;
          yield chunk;
        }
      },
    };
  };
  return gate;
}

/** A session in the middle of RETR. */
async function retrieving() {
  const server = new Pop3Server();
  server.direct('octets', '20000');
  server.maildrops.chunkOctets = 10_000;
  const gate = gateAfter(server, 1);
  const session = await server.session('tls');
  await session.logIn();
  const call = session.recorded.engine.receive(Buffer.from('DELE 1\r\nRSET\r\nRETR 1\r\nNOOP\r\n'));
  for (let turns = 0; turns < 10; turns++) await turn();
  const settled = async () => {
    gate.resolve();
    await call;
    // A message line that is cut is no line: so octets, not `said`.
    return session.recorded.said().map(({ octets, whole }) => octets.toString() + (whole ? '' : ' (cut)'));
  };
  return { server, session, settled };
}

test('a server that goes down lets a message end, and no other command begin', async () => {
  const { server, session, settled } = await retrieving();
  session.recorded.engine.leave('shutdown');
  const said = await settled();
  assert.deepEqual(said.slice(-2), ['.', '-ERR [SYS/TEMP] This server is going down: connect again']);
  assert.ok(session.recorded.ended);
  await session.recorded.close();
  server.finish();
});

test('a message is broken off when the account loses access, without the dot that would make it whole', async () => {
  const { server, session, settled } = await retrieving();
  session.recorded.engine.leave('access');
  session.recorded.engine.leave('shutdown');
  const said = await settled();
  assert.ok(session.recorded.ended);
  assert.ok(!said.includes('.'));
  assert.ok(said.every((line) => !line.startsWith('-ERR')));
  assert.equal(server.maildrops.locked, 0);
  server.finish();
});

test('a connection that is gone in the middle of a message gives all back', async () => {
  const { server, session, settled } = await retrieving();
  const closed = session.recorded.close();
  await settled();
  await closed;
  assert.equal(server.maildrops.released, 1);
  server.finish();
});

test('a connection that is gone while it logs in holds nothing afterwards', async () => {
  const gate = Promise.withResolvers<void>();
  const authenticator: Authenticator = {
    async verify(attempt) {
      await gate.promise;
      return fakeAuthenticator.verify(attempt);
    },
  };
  const server = new Pop3Server({ authenticator });
  const session = await server.session('tls');
  const call = session.recorded.engine.receive(
    Buffer.from('USER paco@example.test\r\nPASS secret\r\nDELE 1\r\n'),
  );
  for (let turns = 0; turns < 10; turns++) await turn();
  const closed = session.recorded.close();
  gate.resolve();
  await Promise.all([call, closed]);
  assert.equal(server.maildrops.released, 1);
  server.finish();
});

test('closed resolves only when the maildrop is free', async () => {
  const { server, session } = await loggedIn();
  assert.equal(server.maildrops.locked, 1);
  await session.recorded.close();
  assert.equal(server.maildrops.locked, 0);
});

test('QUIT is answered only when the next session may log in', async () => {
  const { server, session } = await loggedIn();
  session.said();
  const gate = Promise.withResolvers<void>();
  server.maildrops.releaseGate = gate.promise;
  const call = session.recorded.engine.receive(Buffer.from('QUIT\r\n'));
  for (let turns = 0; turns < 10; turns++) await turn();
  assert.deepEqual(session.said(), []);
  gate.resolve();
  await call;
  assert.deepEqual(session.said(), ['+OK Bye']);
  assert.equal(server.maildrops.locked, 0);
});

test('a session that has ended has given the maildrop back, though its connection lingers', async () => {
  const { server, session } = await loggedIn({ limits: { ...pop3Limits, badCommands: 1 } });
  await session.say('what');
  assert.ok(session.recorded.ended);
  assert.equal(server.maildrops.locked, 0);
  assert.deepEqual(await session.say('DELE 1', 'QUIT'), []);
  await session.recorded.close();
  assert.equal(server.maildrops.released, 1);
});

test('the replies to a pipelined group are held for one write', async () => {
  const { session } = await loggedIn();
  const before = session.recorded.waits;
  await session.say('STAT', 'LIST', 'UIDL', 'NOOP', 'CAPA', 'TOP 1 3');
  assert.equal(session.recorded.waits, before);
});

test('the idle time-out is at least the 10 minutes of RFC 1939 section 3', async () => {
  const { session } = await loggedIn();
  assert.ok(session.recorded.idleMs >= 10 * 60_000);
});

test('each failed login waits, whichever way it failed', async () => {
  const server = new Pop3Server();
  const session = await server.session('tls');
  await session.say('USER paco@example.test', 'PASS wrong', 'AUTH PLAIN AAAA');
  assert.deepEqual(server.slept, [pop3Limits.authFailurePauseMs, pop3Limits.authFailurePauseMs]);
});

test('a wrong password that cannot be one waits like any other', async () => {
  const server = new Pop3Server();
  const session = await server.session('tls');
  const said = await session.say('USER paco@example.test', 'PASS ');
  assert.match(said.at(-1) ?? '', /^-ERR \[AUTH\] User name or password refused/);
  assert.equal(server.slept.length, 1);
});

test('the runtime learns whose session it is', async () => {
  const server = new Pop3Server();
  const session = await server.session('tls');
  assert.equal(session.recorded.engine.principal?.accountId, undefined);
  await session.logIn();
  assert.equal(session.recorded.engine.principal?.accountId, 'a1');
});

test('log and metrics tell a session from its beginning to its end', async () => {
  const { server, session } = await loggedIn();
  await session.say('RETR 1', 'DELE 1', 'FOO', 'QUIT');
  await session.recorded.close();
  const events = server.log.lines.map(({ event }) => event);
  assert.deepEqual(events, ['pop3.connected', 'pop3.loggedIn', 'pop3.refused', 'pop3.closed']);
  const [connected, login, refused, closed] = server.log.lines.map(({ fields }) => fields);
  assert.deepEqual(connected, { session: 't1', remote: '192.0.2.1', tls: 'TLSv1.3' });
  assert.equal(login?.['account'], 'a1');
  assert.equal(refused?.['reason'], 'unknownCommand');
  assert.deepEqual(
    { ...closed, ms: 0 },
    { session: 't1', why: 'quit', retrieved: 1, deleted: 1, refused: 1, ms: 0 },
  );
  assert.deepEqual(server.metrics, ['pop3.sessions', 'pop3.refused unknownCommand']);
});

test('what was marked is not counted as deleted where it was not', async () => {
  const { server, session } = await loggedIn();
  server.maildrops.lockLost = true;
  await session.say('DELE 1', 'QUIT');
  assert.equal(server.log.lines.at(-1)?.fields['deleted'], 0);
});
