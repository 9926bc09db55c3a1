/** Floods: whatever a client sends without end, before login and after, what is held of it stays small. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { after, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { imapLimits } from '../../../mail/imap/limits.ts';
import type { Engine } from '../../../mail/wire/engine.ts';
import { connectionOf, transcriptTls } from '../../transcripts/recorded-session.ts';
import { temporaryTable } from '../mailbox/mail-kit.ts';
import { SlowOutput } from './fetch/large-mailbox.ts';
import { ImapServer } from './imap-server.ts';

const { table, [Symbol.asyncDispose]: dispose } = await temporaryTable();
after(dispose);

const chunkOctets = 65_536;
/** What `Output` lets an engine write between two waits. */
const maxUnwaitedOctets = 65_536;
/** 26 MB of octets; lines are fewer, as each of them is answered. */
const floodChunks = { octets: 400, lines: 8 };
const linesOfChunk = 800;
/** Far less than the flood; what the collector has not got round to is among it. */
const mostHeldOctets = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function heldOctets(): Promise<number> {
  for (let times = 0; times < 3; times++) {
    collectGarbage();
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** What the test's log and metrics hold is not the server's. */
function forgetLog({ log, metrics }: ImapServer): void {
  (log.lines as unknown[]).length = 0;
  metrics.length = 0;
}

interface Flooded {
  readonly output: SlowOutput;
  readonly engine: Engine;
  readonly server: ImapServer;
  readonly held: number;
}

/** Sends `start`, and then `piece` again and again; what is held more than before, at the end. */
async function flood({
  start = '',
  piece,
  loggedIn = true,
  per,
}: {
  readonly start?: string;
  readonly piece: string;
  readonly loggedIn?: boolean;
  readonly per: keyof typeof floodChunks;
}): Promise<Flooded> {
  const server = await ImapServer.open({ table });
  await server.direct('limit', 'badCommands 1000000000');
  const output = new SlowOutput();
  const engine = server.connect(connectionOf(1, ['tls']), output);
  await engine.start(transcriptTls);
  const send = (text: string) => engine.receive(Buffer.from(text, 'latin1'));
  if (loggedIn) await send('a LOGIN paco@example.test secret\r\nb SELECT INBOX\r\n');
  await send(start);
  const chunk = piece.repeat(per === 'lines' ? linesOfChunk : Math.ceil(chunkOctets / piece.length));
  await send(chunk);
  forgetLog(server);
  const before = await heldOctets();
  for (let sent = 1; sent < floodChunks[per]; sent++) {
    await send(chunk);
    forgetLog(server);
  }
  return { output, engine, server, held: (await heldOctets()) - before };
}

async function end({ engine, server }: Flooded): Promise<void> {
  await engine.closed();
  await server.finish();
}

const floods: readonly (readonly [
  what: string,
  per: keyof typeof floodChunks,
  start: string,
  piece: string,
])[] = [
  ['commands', 'lines', '', 'x NOOP\r\n'],
  ['commands that are none', 'lines', '', 'x BLURDYBLOOP a b c\r\n'],
  ['lines without a tag', 'lines', '', '\r\n'],
  ['refused literals', 'lines', '', 'x BLURDYBLOOP {3+}\r\nabc {3+}\r\nabc\r\n'],
  ['synchronizing literals that are not waited for', 'lines', '', 'x LOGIN {300000}\r\n'],
  ['lines for AUTHENTICATE', 'lines', '', 'x AUTHENTICATE LOGIN\r\n*\r\n'],
  ['a line', 'octets', 'x NOOP ', 'y'],
  ['a line after a literal', 'octets', 'x LOGIN {1+}\r\ny ', 'y'],
  ['a refused literal', 'octets', 'x BLURDYBLOOP {99999999999+}\r\n', 'y\r\n'],
  ['a literal over the limit', 'octets', 'x LOGIN {99999999999+}\r\n', 'y\r\n'],
  ['a message over the limit', 'octets', 'x APPEND INBOX {99999999999+}\r\n', 'y\r\n'],
  ['literals of a refused command', 'lines', 'x BLURDYBLOOP', ' {9+}\r\nabcdefghi'],
  ['literals of one command', 'lines', 'x LOGIN', ' {9+}\r\nabcdefghi'],
  ['a line for AUTHENTICATE', 'octets', 'x AUTHENTICATE LOGIN\r\n', 'y'],
];

for (const loggedIn of [true, false])
  for (const [what, per, start, piece] of floods)
    test(`${what} without end, ${loggedIn ? 'after' : 'before'} login: little is held`, async () => {
      const flooded = await flood({ start, piece, loggedIn, per });
      assert.ok(flooded.held < mostHeldOctets, `${flooded.held} octets are held`);
      const { mostWaiting } = flooded.output;
      assert.ok(mostWaiting <= maxUnwaitedOctets, `${mostWaiting} octets waited`);
      await end(flooded);
    });

for (const [what, per, piece] of [
  ['a line', 'octets', 'y'],
  ['lines that are not DONE', 'lines', 'y\r\nx IDLE\r\n'],
] as const)
  test(`${what} without end, in IDLE: little is held`, async () => {
    const flooded = await flood({ start: 'x IDLE\r\n', piece, per });
    assert.ok(flooded.held < mostHeldOctets, `${flooded.held} octets are held`);
    assert.ok(flooded.output.mostWaiting <= maxUnwaitedOctets);
    await end(flooded);
  });

test('a thousand literals of one command are refused before they are more than a command may have', async () => {
  const server = await ImapServer.open({ table });
  const session = await server.session('tls');
  await session.logIn();
  const literals = ` {1000+}\r\n${'y'.repeat(1_000)}`.repeat(1_000);
  const before = await heldOctets();
  await session.recorded.send([Buffer.from(`x SELECT${literals}`)]);
  const held = (await heldOctets()) - before;
  assert.ok(held < imapLimits.commandBytes, `${held} octets are held`);
  assert.deepEqual(await session.say('', 'z NOOP'), [
    'x BAD [TOOBIG] The command is too large: send it in parts',
    'z OK NOOP completed',
  ]);
  await session.recorded.close();
  await server.finish();
});

test('the message of APPEND is handed on as it comes', async () => {
  const server = await ImapServer.open({ table });
  const begin = server.blobs.begin.bind(server.blobs);
  let written = 0;
  server.blobs.begin = () => ({
    ...begin(),
    write: async (bytes) => {
      await turn();
      written += bytes.length;
    },
  });
  const output = new SlowOutput();
  const engine = server.connect(connectionOf(1, ['tls']), output);
  await engine.start(transcriptTls);
  await engine.receive(Buffer.from('a LOGIN paco@example.test secret\r\n'));
  const chunk = `${'x'.repeat(62)}\r\n`.repeat(1_024);
  const before = await heldOctets();
  await engine.receive(Buffer.from(`b APPEND INBOX {${chunk.length * floodChunks.octets}+}\r\n`));
  for (let sent = 1; sent <= floodChunks.octets; sent++) {
    await engine.receive(Buffer.from(chunk));
    assert.equal(written, sent * chunk.length, 'receive resolves when the octets are written');
  }
  const held = (await heldOctets()) - before;
  assert.ok(held < 2 * mostHeldOctets, `${held} octets are held`);
  await engine.receive(Buffer.from('\r\n'));
  assert.match(output.tail, /APPEND completed\r\n$/);
  await engine.closed();
  await server.finish();
});
