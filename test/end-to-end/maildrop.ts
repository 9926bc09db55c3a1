/** What a maildrop holds: read with the line client, and with node-pop3 as a second opinion. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import Pop3Command from 'node-pop3';
import { LineClient } from './line-client.ts';
import type { TestPosta } from './posta.ts';

export interface User {
  readonly user: string;
  readonly password: string;
}

/** A session that has logged in on the plain port; the caller quits or closes. */
export async function logIn(posta: TestPosta, { user, password }: User): Promise<LineClient> {
  const client = await LineClient.connect(posta.ports.pop3, { timeoutMs: 60_000 });
  try {
    await client.line();
    await client.pop3(`USER ${user}`);
    await client.pop3(`PASS ${password}`);
    return client;
  } catch (fault) {
    client.close();
    throw fault;
  }
}

/** How many messages a session shows. */
export async function countOf(client: LineClient): Promise<number> {
  return Number((await client.pop3('STAT')).split(' ')[1]);
}

/** A session in which the maildrop holds `count` messages, no more and no fewer; waits until they are there. */
export async function logInTo(posta: TestPosta, user: User, count: number): Promise<LineClient> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const client = await logIn(posta, user);
    const there = await countOf(client);
    if (there === count) return client;
    await client.pop3('QUIT');
    client.close();
    assert.ok(there < count && Date.now() < deadline, `${user.user} has ${there} messages, not ${count}`);
    await sleep(20);
  }
}

/** Waits until the maildrop holds `count` messages, no more and no fewer, and gives them. */
export async function messagesOf(posta: TestPosta, user: User, count: number): Promise<Buffer[]> {
  using client = await logInTo(posta, user, count);
  const messages: Buffer[] = [];
  for (let number = 1; number <= count; number++) messages.push(await client.pop3Body(`RETR ${number}`));
  await client.pop3('QUIT');
  return messages;
}

/** As `messagesOf`, and deletes them. */
export async function takeMessages(posta: TestPosta, user: User, count: number): Promise<Buffer[]> {
  const messages = await messagesOf(posta, user, count);
  using client = await logIn(posta, user);
  for (let number = 1; number <= count; number++) await client.pop3(`DELE ${number}`);
  await client.pop3('QUIT');
  return messages;
}

/** As `takeMessages` of one message. */
export async function takeMessage(posta: TestPosta, user: User): Promise<Buffer> {
  const [message] = await takeMessages(posta, user, 1);
  assert.ok(message);
  return message;
}

/** Waits until every route and deliver job that was sent is done, and what they sent in turn. */
export async function settled(
  posta: TestPosta,
  { timeoutMs = 30_000 }: { readonly timeoutMs?: number } = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  await posta.withData(async ({ queues }) => {
    for (let quiet = 0; quiet < 3;) {
      const depths = await Promise.all(Object.values(queues).map((queue) => queue.depth()));
      quiet = depths.every(({ waiting, out }) => waiting + out === 0) ? quiet + 1 : 0;
      assert.ok(Date.now() < deadline, `jobs are left: ${JSON.stringify(depths)}`);
      await sleep(20);
    }
  });
}

/** The fields that were put before a message, unfolded, having checked that the rest is `sent`, byte for byte. */
export function traceBefore(stored: Buffer, sent: string | Uint8Array): readonly string[] {
  const bytes = Buffer.from(sent);
  const at = stored.length - bytes.length;
  assert.ok(at > 0 && stored.subarray(at).equals(bytes), 'the message did not come back as it was sent');
  const trace = stored.subarray(0, at).toString('latin1');
  assert.match(trace, /^(?:[A-Za-z-]+: [^\r\n]+\r\n(?:[ \t][^\r\n]+\r\n)*)+(?:\r\n)?$/);
  return trace
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .filter((line) => line !== '');
}

/**
 * node-pop3 sees the end of a message only where the network does not split it over two reads, and waits for ever where
 * it does: the last octets are kept back here until more come.
 */
class WholeEnds extends Pop3Command {
  #kept: Buffer = Buffer.alloc(0);

  override _pushStream(chunk: Buffer): void {
    const come = Buffer.concat([this.#kept, chunk]);
    const ended = come.subarray(-5).equals(Buffer.from('\r\n.\r\n')) || come.equals(Buffer.from('.\r\n'));
    const ready = ended ? come.length : come.length < 64 ? 0 : come.length - 4;
    this.#kept = come.subarray(ready);
    // oxlint-disable-next-line no-underscore-dangle -- the name is node-pop3's
    if (ready > 0) super._pushStream(come.subarray(0, ready));
  }
}

/** node-pop3 on a port of the server. */
export function nodePop3(
  posta: TestPosta,
  { user, password }: User,
  options: { readonly tls: boolean },
): Pop3Command {
  const { tls } = options;
  const port = tls ? posta.ports.pop3s : posta.ports.pop3;
  return new WholeEnds({
    user,
    password,
    host: '127.0.0.1',
    port,
    tls,
    timeout: 30_000,
    servername: 'localhost',
    tlsOptions: { rejectUnauthorized: false },
  });
}

/** A message's octets by node-pop3, which leaves the dot-stuffing to be undone, and drops the last line's CRLF. */
export async function retrieveByNodePop3(client: Pop3Command, number: number): Promise<Buffer> {
  await client.STAT();
  const [, stream] = await client.command('RETR', number);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const lines = Buffer.concat(chunks).toString('latin1').replace(/^\.\./gm, '.');
  return Buffer.from(`${lines}\r\n`, 'latin1');
}
