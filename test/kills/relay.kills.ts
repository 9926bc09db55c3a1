/**
 * Two Postas, senders who hand mail in at the first for the second, and both killed with `kill -9` and started again at
 * seeded random moments: every message that was answered 250 is at the second, or its sender has a notification; once,
 * but where a server was killed between the end of a message and its 250: there SMTP cannot tell.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { logFolder } from '../../bin/keep-log.ts';
import { keptLogFiles } from '../../drivers/system/kept-log.ts';
import { laneLimits } from '../../mail/delivery/outbound/lanes.ts';
import { LineClient } from '../end-to-end/line-client.ts';
import { countOf, logIn, settled, type User } from '../end-to-end/maildrop.ts';
import { retryAll } from '../end-to-end/outbound.ts';
import { freePortBase } from '../end-to-end/free-ports.ts';
import { TestPosta } from '../end-to-end/posta.ts';
import { authenticate, dotStuffed } from '../end-to-end/smtp-dialog.ts';
import { seededRandom } from '../seeded-random.ts';
import { newMessage, recognize } from './kill-message.ts';
import { rounds, seed } from './kill-rounds.ts';

const password = 'kill-test-pw';
const pepe: User = { user: 'pepe@gmail.test', password };
const boxes = ['one', 'two', 'three'].map((name): User => ({ user: `${name}@hotmail.test`, password }));
/** Mail for it is refused there: its sender must hear. */
const nobody = 'nobody@hotmail.test';
const senders = 5;

/** What is known of a message, by its id. */
interface Sent {
  readonly to: string;
  readonly digest: string;
  /** The first server said 250. */
  acknowledged: boolean;
}

class Senders {
  readonly sent = new Map<string, Sent>();
  readonly unexpected: string[] = [];
  stopped = false;
  readonly #posta: TestPosta;
  readonly #random: () => number;

  constructor(posta: TestPosta, random: () => number) {
    this.#posta = posta;
    this.#random = random;
  }

  /** Sends message after message on one connection, until the server dies or the test ends; then connects again. */
  async send(): Promise<void> {
    while (!this.stopped) {
      let client: LineClient | undefined;
      try {
        client = await LineClient.connect(this.#posta.ports.submission, { timeoutMs: 20_000 });
        await client.reply();
        await client.command('EHLO sender.test');
        await authenticate(client, pepe.user, pepe.password);
        while (!this.stopped) await this.#one(client);
      } catch {
        await sleep(20);
      } finally {
        client?.close();
      }
    }
  }

  async #one(client: LineClient): Promise<void> {
    const random = this.#random;
    const to = random() < 0.1 ? nobody : (boxes[Math.floor(random() * boxes.length)]?.user ?? '');
    const { id, bytes, digest } = newMessage(random);
    client.send(`MAIL FROM:<${pepe.user}>\r\nRCPT TO:<${to}>\r\nDATA\r\n`);
    for (const expected of ['250', '250', '354']) {
      const reply = await client.reply();
      if (!reply.startsWith(expected)) {
        this.unexpected.push(reply);
        throw new Error(reply);
      }
    }
    const message: Sent = { to, digest, acknowledged: false };
    this.sent.set(id, message);
    client.send(dotStuffed(Buffer.concat([Buffer.from(`From: ${pepe.user}\r\n`), bytes])));
    const reply = await client.command('.');
    message.acknowledged = reply.startsWith('250');
    if (!message.acknowledged) this.unexpected.push(reply);
    await sleep(100 * random());
  }
}

/** Every message of a maildrop. */
async function read(posta: TestPosta, user: User): Promise<Buffer[]> {
  using client = await logIn(posta, user);
  const count = await countOf(client);
  const messages = [];
  for (let number = 1; number <= count; number++) messages.push(await client.pop3Body(`RETR ${number}`));
  await client.pop3('QUIT');
  return messages;
}

/** What the first server wrote down of its attempts at a message. */
async function attemptsOf(posta: TestPosta, messageId: string): Promise<string[]> {
  const attempts = [];
  const log = keptLogFiles(logFolder(posta.dataDir));
  for await (const { event, fields } of log.find({ fields: ['messageId'], value: messageId }))
    if (['relay.sent', 'relay.deferred', 'relay.failed'].includes(event))
      attempts.push(`${event} ${String(fields['text'])}`);
  return attempts;
}

test(`kill -9 of either Posta in ${rounds} rounds loses nothing on its way from one to the other (seed ${seed})`, async (t) => {
  const random = seededRandom(seed);
  const hotmailBase = await freePortBase();
  await using gmail = await TestPosta.start({
    accounts: { [pepe.user]: password },
    args: ['--hostname', 'mx.gmail.test', '--route', `hotmail.test=127.0.0.1:${hotmailBase + 25}`],
  });
  await using hotmail = await TestPosta.start({
    accounts: Object.fromEntries(boxes.map(({ user }) => [user, password])),
    args: ['--hostname', 'mx.hotmail.test'],
    portBase: hotmailBase,
  });
  const clients = new Senders(gmail, random);
  const running = Array.from({ length: senders }, () => clients.send());
  const kills = { gmail: 0, hotmail: 0 };
  for (let round = 0; round < rounds; round++) {
    await sleep(200 + 900 * random());
    const which = random();
    const killed = [...(which < 0.6 ? [gmail] : []), ...(which > 0.4 ? [hotmail] : [])];
    if (killed.includes(gmail)) kills.gmail += 1;
    if (killed.includes(hotmail)) kills.hotmail += 1;
    await Promise.all(killed.map((posta) => posta.stop('SIGKILL')));
    await Promise.all(killed.map((posta) => posta.serve()));
    // An admin who does not wait for the pauses.
    await retryAll(gmail);
  }
  clients.stopped = true;
  await Promise.all(running);
  // A job that was killed several times waits for as long as half a minute.
  const patience = { timeoutMs: 60_000 };
  await settled(gmail, patience);
  await retryAll(gmail, { until: 'over' });
  await settled(hotmail, patience);
  await settled(gmail, patience);

  const found = new Map<string, number>();
  /** By what id the first server knew it. */
  const queuedAs = new Map<string, string>();
  for (const box of boxes)
    for (const bytes of await read(hotmail, box)) {
      const known = recognize(bytes);
      const sent = clients.sent.get(known?.id ?? '');
      if (known === undefined || sent === undefined || sent.digest !== known.digest || sent.to !== box.user)
        clients.unexpected.push(`${known?.id ?? 'a message'} in ${box.user}`);
      else {
        found.set(known.id, (found.get(known.id) ?? 0) + 1);
        queuedAs.set(
          known.id,
          /by mx\.gmail\.test with ESMTPA id\s+(\w+)/.exec(bytes.toString('latin1'))?.[1] ?? '',
        );
      }
    }
  const told = new Map<string, number>();
  for (const bytes of await read(gmail, pepe)) {
    const id = recognize(bytes)?.id ?? '';
    if (clients.sent.get(id)?.to !== nobody) clients.unexpected.push(`a notification of ${id}`);
    told.set(id, (told.get(id) ?? 0) + 1);
  }

  const acknowledged = [...clients.sent].filter(([, sent]) => sent.acknowledged);
  const endsOf = (id: string) => (found.get(id) ?? 0) + (told.get(id) ?? 0);
  const lost = acknowledged.flatMap(([id]) => (endsOf(id) === 0 ? [id] : []));
  const doubled = [...clients.sent.keys()].filter((id) => endsOf(id) > 1);
  const unexplained = [];
  for (const id of doubled) {
    const attempts = await attemptsOf(gmail, queuedAs.get(id) ?? '');
    // One that was cut off left no line, or one that says that nobody knows. The last lines before a kill may be missing.
    const sent = attempts.filter((attempt) => attempt.startsWith('relay.sent'));
    if (sent.length > 1 || told.has(id)) unexplained.push({ id, attempts });
  }
  t.diagnostic(
    `${acknowledged.length} acknowledged, ${found.size} arrived, ${told.size} refused and told, ` +
      `${kills.gmail} kills of the first and ${kills.hotmail} of the second, ${doubled.length} sent twice where SMTP cannot tell`,
  );
  assert.deepEqual(
    { lost, unexplained, unexpected: clients.unexpected },
    { lost: [], unexplained: [], unexpected: [] },
  );
  assert.ok(acknowledged.length > rounds * 10 && told.size > 0);
  // No more than were under way at once when one of the two was killed.
  const most = (kills.gmail + kills.hotmail) * laneLimits.running;
  assert.ok(doubled.length <= most, `${doubled.length} were sent twice`);
});
