/** Killed or stopped in the middle of each step, nothing that was acknowledged is lost, and nothing is there twice. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite, test } from 'node:test';
import { adminPorts } from '../../bin/admin-ports.ts';
import type { OneMachine } from '../../bin/one-machine.ts';
import { deliverToAccount } from '../../mail/delivery/deliver.ts';
import { createSmtpHost } from '../../mail/routing/accept.ts';
import { routeMessage } from '../../mail/routing/route.ts';
import { parseAddress } from '../../mail/message/address.ts';
import { addAlias } from '../../mail/directory/change-alias.ts';
import { MemoryMetrics } from '../../drivers/system/metrics.ts';
import type { Queue } from '../../mail/ports/queue.ts';
import { seededRandom } from '../seeded-random.ts';
import type { LineClient } from './line-client.ts';
import { countOf, logIn, logInTo, messagesOf, settled, traceBefore, type User } from './maildrop.ts';
import { TestPosta } from './posta.ts';
import { beginTransaction, deliver, greeted, sendByData } from './smtp-dialog.ts';

const pepe: User = { user: 'pepe@example.test', password: 'pepe-password' };
const paco: User = { user: 'paco@example.test', password: 'paco-password' };
const both = 'both@example.test';
const from = 'someone@elsewhere.test';

const letter = (name: string, body = 'Hello\r\n') => `X-Restart: ${name}\r\n\r\n${body}`;

/** A server with two accounts and an alias for both of them. */
async function startPosta(): Promise<TestPosta> {
  const posta = await TestPosta.start();
  await posta.change((ports) => addAlias(ports, { address: both, targets: [pepe.user, paco.user] }));
  return posta;
}

async function restart(posta: TestPosta, signal: NodeJS.Signals): Promise<void> {
  await posta.stop(signal);
  await posta.serve();
}

/** How often each message is in a maildrop, by its name. */
async function found(posta: TestPosta, user: User): Promise<Record<string, number>> {
  using client = await logIn(posta, user);
  const counts: Record<string, number> = {};
  const count = await countOf(client);
  for (let number = 1; number <= count; number++) {
    const name =
      /^X-Restart: (.*)\r$/m.exec((await client.pop3Body(`RETR ${number}`)).toString())?.[1] ?? '?';
    counts[name] = (counts[name] ?? 0) + 1;
  }
  await client.pop3('QUIT');
  return counts;
}

// Each test has a server of its own, and one of them waits for long: so they run beside each other.
suite('restarted', { concurrency: 3 }, () => {
  test('a message that was being sent by DATA or BDAT when the server was killed is not there', async () => {
    await using posta = await startPosta();
    using data = await greeted(posta.ports.smtp);
    await beginTransaction(data, { from, to: [paco.user] });
    assert.match(await data.command('DATA'), /^354 /);
    data.send(letter('data', 'x'.repeat(300_000)));
    using bdat = await greeted(posta.ports.smtp);
    await beginTransaction(bdat, { from, to: [paco.user] });
    bdat.send(`BDAT 300000\r\n${letter('bdat').padEnd(300_000, 'x')}`);
    assert.match(await bdat.reply(), /^250 /);
    await restart(posta, 'SIGKILL');
    for (const client of [data, bdat]) assert.equal(await client.rest(), '');
    await settled(posta);
    assert.deepEqual(await found(posta, paco), {});
  });

  test('what was answered 250 just before SIGKILL or SIGTERM is there once, at each recipient', async () => {
    await using posta = await startPosta();
    const expected: Record<string, number> = {};
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      using client = await greeted(posta.ports.smtp);
      for (const to of [both, paco.user]) {
        const name = `${to} ${Object.keys(expected).length}`;
        assert.match(await sendByData(client, { from, to: [to], message: letter(name) }), /^250 /);
        expected[name] = 1;
      }
      await restart(posta, signal);
    }
    await settled(posta);
    assert.deepEqual(await found(posta, paco), expected);
    const toBoth = Object.entries(expected).filter(([name]) => name.startsWith(both));
    assert.deepEqual(await found(posta, pepe), Object.fromEntries(toBoth));
  });

  test('killed under load at seeded moments, the server has each acknowledged message once', async (t) => {
    await using posta = await startPosta();
    const random = seededRandom(20261124);
    const acknowledged: string[] = [];
    const left: number[] = [];
    for (const round of [1, 2]) {
      const killAt = acknowledged.length + 20 + Math.floor(random() * 60);
      const senders = [1, 2, 3, 4].map(async (sender) => {
        using client = await greeted(posta.ports.smtp);
        for (let number = 1; ; number++) {
          const name = `${round}.${sender}.${number}`;
          const sending = {
            from,
            to: [both],
            message: letter(name, `${'y'.repeat(Math.floor(random() * 20_000))}\r\n`),
          };
          assert.match(await sendByData(client, sending), /^250 /);
          acknowledged.push(name);
          if (acknowledged.length === killAt) process.kill(posta.pid, 'SIGKILL');
        }
      });
      for (const { status, ...end } of await Promise.allSettled(senders)) {
        assert.equal(status, 'rejected');
        assert.match(String('reason' in end && end.reason), /the server closed the connection/);
      }
      await posta.stop('SIGKILL');
      left.push(await jobsLeft(posta));
      await posta.serve();
    }
    await settled(posta);
    t.diagnostic(`${acknowledged.length} acknowledged; jobs left at each kill: ${left.join(', ')}`);
    for (const user of [pepe, paco]) {
      const counts = await found(posta, user);
      assert.deepEqual(
        acknowledged.filter((name) => counts[name] !== 1),
        [],
        `lost or doubled for ${user.user}`,
      );
      assert.ok(Object.values(counts).every((count) => count === 1));
    }
  });

  async function jobsLeft(posta: TestPosta): Promise<number> {
    return posta.withData(async ({ queues }) => {
      const depths = await Promise.all(Object.values(queues).map((queue) => queue.depth()));
      return depths.reduce((sum, { waiting, out }) => sum + waiting + out, 0);
    });
  }

  /** The steps after acceptance, each done by its own function, and its job not yet finished when the server ends. */
  suite('a job whose step was cut short is done once by the next server', () => {
    const receive = <Body>(queue: Queue<Body>) => queue.receive({ max: 10, waitMs: 0, hiddenMs: 3_600_000 });

    /** As a listener accepts it: durable, and in the route queue. */
    async function accept(machine: OneMachine, name: string): Promise<void> {
      const { directory } = adminPorts(machine);
      const host = createSmtpHost({
        ...machine,
        directory,
        routeQueue: machine.queues.route,
        deliverQueue: machine.queues.deliver,
        hostname: 'mail.test',
      });
      const address = parseAddress(both);
      assert.ok(address);
      const begun = await host.begin(
        { reversePath: parseAddress(from) ?? null, recipients: [{ address }], body: '7BIT', smtpUtf8: false },
        {
          connection: {
            id: '1',
            remoteAddress: '192.0.2.1',
            remotePort: 1,
            localAddress: '192.0.2.2',
            localPort: 25,
            loopback: false,
          },
          role: 'mta',
          helo: 'client.test',
          extended: true,
        },
      );
      assert.equal(begun.kind, 'ok');
      if (begun.kind !== 'ok') return;
      await begun.incoming.write(Buffer.from(letter(name)));
      assert.equal((await begun.incoming.finish()).kind, 'queued');
    }

    const noNotification = () => Promise.reject(new Error('nothing fails here'));

    async function route(machine: OneMachine): Promise<void> {
      const { directory } = adminPorts(machine);
      const jobs = await receive(machine.queues.route);
      assert.equal(jobs.length, 1);
      for (const { body } of jobs)
        await routeMessage(
          {
            directory,
            deliverQueue: machine.queues.deliver,
            sendOutside: () => Promise.reject(new Error('nothing goes outside here')),
            notifySender: noNotification,
            log: machine.log,
            metrics: new MemoryMetrics(),
          },
          body,
        );
    }

    async function file(machine: OneMachine): Promise<void> {
      const jobs = await receive(machine.queues.deliver);
      assert.equal(jobs.length, 1);
      const ports = { ...machine, notifySender: noNotification, metrics: new MemoryMetrics() };
      await deliverToAccount(
        ports,
        jobs.map(({ body }) => body),
      );
    }

    /** In the order in which they can be prepared together: a job that is received is not given out again. */
    const steps: readonly [string, (machine: OneMachine) => Promise<void>][] = [
      [
        'filed for one of two, and received for the other',
        async (machine) => {
          await route(machine);
          await file(machine);
          assert.equal((await receive(machine.queues.deliver)).length, 1);
        },
      ],
      ['routed', route],
      ['received by route', async ({ queues }) => assert.equal((await receive(queues.route)).length, 1)],
      ['accepted', async () => {}],
    ];

    test('received, routed, filed for one', async () => {
      await using posta = await startPosta();
      await posta.stop('SIGKILL');
      await posta.withData(async (machine) => {
        for (const [name, until] of steps) {
          await accept(machine, name);
          await until(machine);
        }
      });
      await posta.serve();
      await settled(posta);
      const expected = Object.fromEntries(steps.map(([name]) => [name, 1]));
      for (const user of [pepe, paco]) assert.deepEqual(await found(posta, user), expected, user.user);
    });
  });

  suite('in the middle of a POP3 session', () => {
    const large = letter('large', `${'.z'.repeat(500)}\r\n`.repeat(5000));

    async function withLargeMessage(): Promise<TestPosta> {
      const posta = await startPosta();
      await deliver(posta.ports.smtp, { from, to: [both], message: large });
      for (const user of [pepe, paco]) await (await logInTo(posta, user, 1)).pop3('QUIT');
      return posta;
    }

    /** Asks for the message, and takes only its first line. */
    async function beginRetrieving(client: LineClient): Promise<void> {
      client.send('RETR 1\r\n');
      assert.match(await client.line(), /^\+OK /);
    }

    test('SIGKILL during RETR and after DELE deletes nothing; after the +OK of QUIT it is deleted', async () => {
      await using posta = await withLargeMessage();
      using retrieving = await logIn(posta, paco);
      await beginRetrieving(retrieving);
      using deleting = await logIn(posta, pepe);
      await deleting.pop3('DELE 1');
      await restart(posta, 'SIGKILL');
      for (const user of [pepe, paco]) {
        const [stored] = await messagesOf(posta, user, 1);
        traceBefore(stored ?? Buffer.alloc(0), large);
      }
      using quitting = await logIn(posta, pepe);
      await quitting.pop3('DELE 1');
      await quitting.pop3('QUIT');
      await restart(posta, 'SIGKILL');
      await messagesOf(posta, pepe, 0);
      await messagesOf(posta, paco, 1);
    });

    test('SIGTERM during RETR lets the message end, then says -ERR; after DELE it deletes nothing', async () => {
      await using posta = await withLargeMessage();
      using retrieving = await logIn(posta, paco);
      await beginRetrieving(retrieving);
      using deleting = await logIn(posta, pepe);
      await deleting.pop3('DELE 1');
      const stopped = posta.stop('SIGTERM');
      const body = (await retrieving.bytesUntil('\r\n.\r\n')).subarray(0, -3).toString('latin1');
      traceBefore(Buffer.from(body.replace(/^\.\./gm, '.'), 'latin1'), large);
      for (const client of [retrieving, deleting])
        assert.match(await client.rest(), /^-ERR \[SYS\/TEMP\] This server is going down/);
      assert.equal(await stopped, 0);
      await posta.serve();
      for (const user of [pepe, paco]) assert.deepEqual(await found(posta, user), { large: 1 });
    });
  });

  suite('on SIGTERM', () => {
    test('a transaction under way ends with its 250, idle sessions are told, and new connections refused', async () => {
      await using posta = await startPosta();
      using data = await greeted(posta.ports.smtp);
      await beginTransaction(data, { from, to: [paco.user] });
      assert.match(await data.command('DATA'), /^354 /);
      data.send('X-Restart: drained\r\n\r\nHel');
      using idleSmtp = await greeted(posta.ports.submission);
      using idlePop3 = await logIn(posta, pepe);
      const stopped = posta.stop('SIGTERM');
      assert.match(await idleSmtp.rest(), /^421 4\.3\.2 This server is going down/);
      assert.match(await idlePop3.rest(), /^-ERR \[SYS\/TEMP\] This server is going down/);
      await assert.rejects(greeted(posta.ports.smtp), /ECONNREFUSED/);
      data.send('lo\r\n.\r\n');
      assert.match(await data.reply(), /^250 2\.0\.0 OK: queued/);
      assert.match(await data.rest(), /^421 4\.3\.2 /);
      assert.equal(await stopped, 0);
      await posta.serve();
      await settled(posta);
      assert.deepEqual(await found(posta, paco), { drained: 1 });
    });

    test('a client that never ends its message does not keep the server from ending with 0', async () => {
      await using posta = await startPosta();
      using client = await greeted(posta.ports.smtp);
      await beginTransaction(client, { from, to: [paco.user] });
      assert.match(await client.command('DATA'), /^354 /);
      client.send('X-Restart: endless\r\n');
      const ended = await Promise.race([
        posta.stop('SIGTERM'),
        sleep(60_000, 'it still runs', { ref: false }),
      ]);
      assert.equal(ended, 0);
      assert.doesNotMatch(await client.rest(), /^250/m);
      assert.equal(await jobsLeft(posta), 0);
    });
  });
});
