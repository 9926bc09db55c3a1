import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fixedServerHop } from '../../../../mail/delivery/next-hop/fixed-server.ts';
import { nextHopLimits } from '../../../../mail/delivery/next-hop/limits.ts';
import type { NextHop } from '../../../../mail/ports/next-hop.ts';
import { hopKit, inShort, letter, type HopKit } from './hop-kit.ts';
import { oddServer, type Answer } from './odd-server.ts';

const server = { host: '192.0.2.25', port: 25, implicitTls: false };

function setUp(
  answer?: (command: string, session: number) => Answer | undefined,
  limits: Partial<typeof nextHopLimits> = {},
): { readonly kit: HopKit; readonly odd: ReturnType<typeof oddServer>; readonly hop: NextHop } {
  const kit = hopKit({}, { limits: { ...nextHopLimits, ...limits } });
  const odd = oddServer(answer);
  kit.network.serve({ address: server.host, port: 25, engine: odd.engine });
  return { kit, odd, hop: fixedServerHop(kit, server) };
}

const domain = 'example.test';

async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await turn();
}

test('messages one after the other use one session, which ends with QUIT some seconds after the last', async () => {
  const { kit, odd, hop } = setUp();
  for (let sent = 0; sent < 5; sent++) {
    assert.deepEqual(inShort(await hop.transmit(letter(), { domain })), ['sent 2.0.0']);
    await kit.manual.advance(nextHopLimits.idleMs - 1);
  }
  assert.equal(odd.sessions(), 1);
  assert.equal(odd.commands.at(-1), '.');
  await kit.manual.advance(1);
  assert.equal(odd.commands.at(-1), 'QUIT');
  assert.deepEqual(inShort(await hop.transmit(letter(), { domain })), ['sent 2.0.0']);
  assert.equal(odd.sessions(), 2);
});

test('a session takes so many messages and no more', async () => {
  const { odd, hop } = setUp(undefined, { messagesPerSession: 3 });
  for (let sent = 0; sent < 7; sent++) await hop.transmit(letter(), { domain });
  assert.equal(odd.sessions(), 3);
  assert.equal(odd.commands.filter((command) => command === 'QUIT').length, 2);
});

test('a session that died while it waited is replaced once, and that is no failure', async () => {
  for (const said of ['hang up', '421 4.4.2 idle\r\n'] as const) {
    const mails = new Map<number, number>();
    const { kit, odd, hop } = setUp((command, session) => {
      if (!command.startsWith('MAIL')) return undefined;
      mails.set(session, (mails.get(session) ?? 0) + 1);
      return mails.get(session) === 2 ? said : undefined;
    });
    for (let sent = 0; sent < 4; sent++)
      assert.deepEqual(inShort(await hop.transmit(letter(), { domain })), ['sent 2.0.0'], said);
    assert.equal(odd.sessions(), 4);
    assert.equal(odd.messages.length, 4);
    assert.equal(kit.metrics.total('relay.sessionsDied'), 3);
  }
});

test('a new session that dies at MAIL is a failure', async () => {
  const { odd, hop } = setUp((command) => (command.startsWith('MAIL') ? 'hang up' : undefined));
  assert.deepEqual(inShort(await hop.transmit(letter(), { domain })), ['deferred 4.4.2', 'unavailable']);
  assert.equal(odd.sessions(), 1);
});

test('a session that dies in the middle of a message is a failure, also where it had waited', async () => {
  let messages = 0;
  const { odd, hop } = setUp((command) => (command === 'DATA' && ++messages === 2 ? 'hang up' : undefined));
  assert.deepEqual(inShort(await hop.transmit(letter(), { domain })), ['sent 2.0.0']);
  assert.deepEqual(inShort(await hop.transmit(letter(), { domain })), ['deferred 4.4.2', 'unavailable']);
  assert.equal(odd.sessions(), 1);
});

test('no more sessions than so many are with one server at once; the others wait for them', async () => {
  const gates: (() => void)[] = [];
  let open = 0;
  let most = 0;
  const { kit, odd, hop } = setUp(undefined, { sessionsPerPlace: 3 });
  const slow = () =>
    hop.transmit(
      letter({
        async *read() {
          most = Math.max(most, ++open);
          await new Promise<void>((resolve) => gates.push(resolve));
          open -= 1;
          yield Buffer.from('x\r\n');
        },
      }),
      { domain },
    );
  const sending = Array.from({ length: 10 }, slow);
  for (let done = 0; done < 10; done++) {
    await settle();
    gates.shift()?.();
  }
  await settle();
  for (const outcome of await Promise.all(sending)) assert.deepEqual(inShort(outcome), ['sent 2.0.0']);
  assert.equal(most, 3);
  assert.equal(odd.sessions(), 3);
  assert.equal(kit.manual.sleeping > 0, true);
});

test('who waits too long for a session is put off', async () => {
  const { kit, hop } = setUp(undefined, { sessionsPerPlace: 1 });
  const gate = Promise.withResolvers<void>();
  const first = hop.transmit(
    letter({
      async *read() {
        await gate.promise;
        yield Buffer.from('x\r\n');
      },
    }),
    { domain },
  );
  await settle();
  const second = hop.transmit(letter(), { domain });
  await kit.manual.advance(nextHopLimits.waitForSessionMs);
  assert.deepEqual(inShort(await second), ['deferred 4.4.5', 'unavailable']);
  gate.resolve();
  assert.deepEqual(inShort(await first), ['sent 2.0.0']);
});

test('a session that fails to open lets the next one try', async () => {
  let greetings = 0;
  const { hop } = setUp((command) => (command === 'GREETING' && ++greetings < 3 ? 'hang up' : undefined), {
    sessionsPerPlace: 1,
  });
  const all = await Promise.all([1, 2, 3].map(() => hop.transmit(letter(), { domain })));
  assert.deepEqual(
    all.map(({ outcomes }) => outcomes[0]?.kind ?? '').toSorted((one, other) => one.localeCompare(other)),
    ['deferred', 'deferred', 'sent'],
  );
});

test('only so many sessions wait in all, and the longest waiting go', async () => {
  const kit = hopKit({}, { limits: { ...nextHopLimits, idleSessions: 2 } });
  const servers = [1, 2, 3].map((number) => {
    const odd = oddServer();
    const address = `192.0.2.${number}`;
    kit.network.serve({ address, port: 25, engine: odd.engine });
    return { odd, hop: fixedServerHop(kit, { host: address, port: 25, implicitTls: false }) };
  });
  for (const { hop } of servers) await hop.transmit(letter(), { domain });
  await settle();
  assert.deepEqual(
    servers.map(({ odd }) => odd.commands.at(-1)),
    ['QUIT', '.', '.'],
  );
});

test('sessions of a user are nobody else’s', async () => {
  const { kit, odd, hop } = setUp();
  await hop.transmit(letter(), { domain });
  await fixedServerHop(kit, { ...server, tls: 'verified' }).transmit(letter(), { domain });
  assert.equal(odd.sessions(), 2);
});

test('disposing takes leave of all, and waits for the messages under way, but not for long', async () => {
  const { kit, odd, hop } = setUp((command) => (command === 'QUIT' ? 'silence' : undefined));
  await Promise.all([hop.transmit(letter(), { domain }), hop.transmit(letter(), { domain })]);
  const gate = Promise.withResolvers<void>();
  const stuck = hop.transmit(
    letter({
      async *read() {
        await gate.promise;
        yield Buffer.from('x\r\n');
      },
    }),
    { domain },
  );
  await settle();
  let disposed = false;
  const disposing = kit.pool[Symbol.asyncDispose]().then(() => (disposed = true));
  await kit.manual.advance(nextHopLimits.farewellMs - 1);
  assert.equal(odd.commands.filter((command) => command === 'QUIT').length, 1);
  assert.ok(!disposed);
  await kit.manual.advance(1);
  await disposing;
  gate.resolve();
  assert.deepEqual(inShort(await stuck), ['deferred 4.4.2', 'unavailable']);
  assert.deepEqual(inShort(await hop.transmit(letter(), { domain })), ['deferred 4.3.2', 'unavailable']);
  assert.equal(kit.manual.sleeping, 0);
});

test('disposing is over as soon as all have ended', async () => {
  const { kit, odd, hop } = setUp();
  await hop.transmit(letter(), { domain });
  await kit.pool[Symbol.asyncDispose]();
  assert.equal(odd.commands.at(-1), 'QUIT');
  assert.equal(kit.manual.sleeping, 0);
});
