/**
 * `kill -9` at any moment loses no delivery that was acknowledged and shows none twice: sixteen senders and a POP3
 * reader that deletes, the server killed and started again at seeded random moments.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { LineClient } from '../end-to-end/line-client.ts';
import { TestPosta } from '../end-to-end/posta.ts';
import { seededRandom } from '../seeded-random.ts';
import { newMessage, recognize } from './kill-message.ts';
import { killAndServe, rounds, seed } from './kill-rounds.ts';

const wantedAcknowledged = rounds * 100;

const senders = 16;
const boxes = ['read', 'kept0', 'kept1', 'kept2'].map((name) => `${name}@example.test`);
const password = 'kill-test-pw';

/** What the clients know of each message, by its id. */
interface Sent {
  readonly box: string;
  readonly digest: string;
  acknowledged: boolean;
  /** By the reader: `maybe` when the answer to QUIT never came. */
  deleted: 'no' | 'maybe' | 'yes';
}

class Clients {
  readonly sent = new Map<string, Sent>();
  readonly unexpected: string[] = [];
  stopped = false;
  readonly #posta: TestPosta;
  readonly #random: () => number;

  constructor(posta: TestPosta, random: () => number) {
    this.#posta = posta;
    this.#random = random;
  }

  get acknowledged(): number {
    return [...this.sent.values()].filter((message) => message.acknowledged).length;
  }

  /** Sends message after message on one connection, until the server dies or the test ends; then connects again. */
  async sender(): Promise<void> {
    while (!this.stopped) {
      let client: LineClient | undefined;
      try {
        client = await LineClient.connect(this.#posta.ports.smtp, { timeoutMs: 20_000 });
        await client.reply();
        await client.command('EHLO sender.test');
        while (!this.stopped) await this.#send(client);
      } catch {
        await sleep(20);
      } finally {
        client?.close();
      }
    }
  }

  async #send(client: LineClient): Promise<void> {
    const random = this.#random;
    const box = boxes[Math.floor(random() * boxes.length)] ?? '';
    const { id, bytes, digest } = newMessage(random);
    client.send(`MAIL FROM:<sender@elsewhere.test>\r\nRCPT TO:<${box}>\r\nDATA\r\n`);
    for (const expected of ['250', '250', '354']) {
      const reply = await client.reply();
      if (!reply.startsWith(expected)) {
        this.unexpected.push(reply);
        throw new Error(reply);
      }
    }
    const message: Sent = { box, digest, acknowledged: false, deleted: 'no' };
    this.sent.set(id, message);
    client.send(Buffer.concat([Buffer.from(bytes.toString().replace(/^\./gm, '..')), Buffer.from('.\r\n')]));
    const reply = await client.reply();
    message.acknowledged = reply.startsWith('250');
    if (!message.acknowledged) this.unexpected.push(reply);
  }

  /** Reads the box `read`, checks every byte, and deletes about half of what it finds. */
  async reader(): Promise<void> {
    while (!this.stopped) {
      await this.#readAndDelete().catch(() => sleep(50));
      await sleep(30);
    }
  }

  async #readAndDelete(): Promise<void> {
    const client = await login(this.#posta, boxes[0] ?? '');
    const marked: Sent[] = [];
    try {
      const count = Math.min(40, Number((await client.pop3('STAT')).split(' ')[1]));
      for (let number = 1; number <= count; number++) {
        const message = this.#check(await client.pop3Body(`RETR ${number}`));
        if (message === undefined || this.#random() < 0.5) continue;
        await client.pop3(`DELE ${number}`);
        marked.push(message);
      }
      for (const message of marked) message.deleted = 'maybe';
      await client.pop3('QUIT');
      for (const message of marked) message.deleted = 'yes';
    } finally {
      client.close();
    }
  }

  /** The message that `bytes` are, having checked that they are what was sent. */
  #check(bytes: Buffer): Sent | undefined {
    const known = recognize(bytes);
    const message = known && this.sent.get(known.id);
    if (known === undefined || message === undefined) this.unexpected.push('a message that nobody sent');
    else if (known.digest !== message.digest) this.unexpected.push(`${known.id} came back changed`);
    return message;
  }

  /** How many times each id is in the mailboxes, once nothing waits in a queue. */
  async found(): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (const box of boxes) {
      const client = await login(this.#posta, box);
      const count = Number((await client.pop3('STAT')).split(' ')[1]);
      for (let number = 1; number <= count; number++) {
        const bytes = await client.pop3Body(`RETR ${number}`);
        this.#check(bytes);
        const id = recognize(bytes)?.id ?? '';
        if (this.sent.get(id)?.box !== box) this.unexpected.push(`${id} is in the wrong mailbox`);
        found.set(id, (found.get(id) ?? 0) + 1);
      }
      await client.pop3('QUIT');
      client.close();
    }
    return found;
  }
}

async function login(posta: TestPosta, box: string): Promise<LineClient> {
  const client = await LineClient.connect(posta.ports.pop3, { timeoutMs: 20_000 });
  try {
    await client.line();
    await client.pop3(`USER ${box}`);
    await client.pop3(`PASS ${password}`);
    return client;
  } catch (fault) {
    client.close();
    throw fault;
  }
}

/** Waits until every acknowledged message that was not deleted can be read; the time-out shows what is missing. */
async function settled(clients: Clients): Promise<Map<string, number>> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = await clients.found();
    const missing = [...clients.sent].filter(
      ([id, { acknowledged, deleted }]) => acknowledged && deleted === 'no' && !found.has(id),
    );
    if (missing.length === 0 || Date.now() > deadline) return found;
    await sleep(500);
  }
}

test(`kill -9 in ${rounds} rounds loses no acknowledged message and doubles none (seed ${seed})`, async (t) => {
  const random = seededRandom(seed);
  await using posta = await TestPosta.start({
    accounts: Object.fromEntries(boxes.map((box) => [box, password])),
  });
  const clients = new Clients(posta, random);
  const running = [...Array.from({ length: senders }, () => clients.sender()), clients.reader()];
  await killAndServe(posta, { random, mostMs: 1_100 });
  while (clients.acknowledged < wantedAcknowledged) await sleep(50);
  clients.stopped = true;
  await Promise.all(running);
  await posta.stop('SIGKILL');
  await posta.serve();

  const found = await settled(clients);
  const lost: string[] = [];
  const doubled: string[] = [];
  const undead: string[] = [];
  for (const [id, { acknowledged, deleted }] of clients.sent) {
    const count = found.get(id) ?? 0;
    if (count > 1) doubled.push(id);
    if (acknowledged && deleted === 'no' && count === 0) lost.push(id);
    if (deleted === 'yes' && count > 0) undead.push(id);
  }
  const deleted = [...clients.sent.values()].filter((message) => message.deleted === 'yes').length;
  t.diagnostic(
    `${clients.sent.size} sent, ${clients.acknowledged} acknowledged, ${deleted} deleted by the reader, ${found.size} found`,
  );
  assert.deepEqual(
    { lost, doubled, undead, unexpected: clients.unexpected },
    { lost: [], doubled: [], undead: [], unexpected: [] },
  );
  assert.ok(clients.acknowledged >= wantedAcknowledged && deleted > 0);
});
