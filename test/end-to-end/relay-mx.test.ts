/**
 * Mail by MX: the relay in this process, the DNS asked over the network, and a Posta and others behind the addresses
 * that it gives. Port 25 of those leads to the ports that these have here.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { openOneMachine, type OneMachine } from '../../bin/one-machine.ts';
import { startRelay } from '../../bin/serve/start-relay.ts';
import { systemConnector } from '../../drivers/system/connector.ts';
import { MemoryMetrics } from '../../drivers/system/metrics.ts';
import { systemResolver } from '../../drivers/system/resolver.ts';
import { createNextHops } from '../../mail/delivery/next-hop/create-next-hops.ts';
import { readOutbound } from '../../mail/delivery/outbound/outbound-queue.ts';
import type { OutboundRecipient } from '../../mail/delivery/outbound/outbound-recipient.ts';
import { queueOutbound } from '../../mail/delivery/outbound/queue-outbound.ts';
import type { NotifySender } from '../../mail/delivery/report.ts';
import { ConnectionFailed, type Connector } from '../../mail/ports/connector.ts';
import { recordingLog } from '../contracts/recording-log.ts';
import type { Zone } from '../contracts/zone.ts';
import { startDnsServer, type DnsServer } from '../drivers/system/dns-server.ts';
import { takeMessage, traceBefore } from './maildrop.ts';
import type { TestPosta } from './posta.ts';
import { hangUp, ScriptedServer } from './scripted-server.ts';
import { paco, startWith } from './two-postas.ts';

const zone: Zone = {
  'hotmail.test': {
    mx: [
      { preference: 10, exchange: 'dead.hotmail.test' },
      { preference: 20, exchange: 'rude.hotmail.test' },
      { preference: 30, exchange: 'mx.hotmail.test' },
    ],
  },
  'dead.hotmail.test': { a: ['192.0.2.1'] },
  'rude.hotmail.test': { a: ['192.0.2.2'] },
  'mx.hotmail.test': { a: ['192.0.2.3'], aaaa: ['2001:db8::3'] },
  'implicit.test': { a: ['192.0.2.4'] },
  'nomail.test': { mx: [{ preference: 0, exchange: '' }] },
  'ours.test': { mx: [{ preference: 10, exchange: 'mx.gmail.test' }] },
  'unclear.test': { fails: 'SERVFAIL' },
};
const message = 'From: pepe@gmail.test\r\nSubject: by MX\r\n\r\nHello\r\n';

/** The network: who is not in it is not there. */
function leadingTo(ports: Readonly<Record<string, number>>): Connector {
  const connector = systemConnector();
  return {
    connect(target) {
      assert.equal(target.port, 25);
      const port = ports[target.address];
      if (port === undefined)
        return Promise.reject(new ConnectionFailed('refused', `nobody listens at ${target.address}`));
      return connector.connect({ ...target, address: '127.0.0.1', port });
    },
  };
}

suite('mail by MX', () => {
  const stack = new AsyncDisposableStack();
  let hotmail: TestPosta;
  let rude: ScriptedServer;
  let implicit: ScriptedServer;
  let dns: DnsServer;
  let machine: OneMachine;
  const told: Parameters<NotifySender>[0][] = [];

  before(async () => {
    hotmail = stack.use(await startWith(paco));
    rude = stack.use(
      await ScriptedServer.start((command) => (command.startsWith('DATA') ? hangUp : undefined)),
    );
    implicit = stack.use(await ScriptedServer.start());
    dns = stack.use(await startDnsServer({ zone }));
    const data = await mkdtemp(join(tmpdir(), 'posta-mx-'));
    stack.defer(() => rm(data, { recursive: true, force: true }));
    const log = recordingLog();
    machine = stack.use(await openOneMachine({ data, log }));
    const metrics = new MemoryMetrics();
    const { clock } = machine;
    const nextHops = createNextHops(
      {
        connector: leadingTo({
          '192.0.2.2': rude.port,
          '192.0.2.3': hotmail.ports.smtp,
          '192.0.2.4': implicit.port,
        }),
        resolver: systemResolver({ servers: [dns.address], hasIpv6: () => true }),
        random: Math.random,
        hostname: 'mx.gmail.test',
        clock,
        log,
        metrics,
      },
      { routes: new Map(), mx: { names: ['mx.gmail.test'], addresses: [] } },
    );
    const notifySender: NotifySender = async (what) => void told.push(what);
    stack.use(startRelay({ machine, nextHops, notifySender, metrics, generation: 'test' }));
  });
  after(() => stack.disposeAsync());

  /** Queues it for one recipient, and gives that when the first attempt is over. */
  async function sendTo(address: string): Promise<OutboundRecipient> {
    const messageId = randomBytes(10).toString('hex');
    const { store, blobs, clock, random, queues } = machine;
    const upload = blobs.begin();
    await upload.write(Buffer.from(message));
    const { key, size } = await upload.finish({ key: `incoming/${messageId}.eml` });
    await queueOutbound(
      { table: store.table, blobs, clock, random, relayQueue: queues.relay },
      {
        message: {
          messageId,
          reversePath: 'pepe@gmail.test',
          blobKey: key,
          sizeBytes: size,
          returnPathBytes: 0,
          body: '8BITMIME',
          smtpUtf8: false,
          receivedAt: new Date().toISOString(),
        },
        recipients: [{ address, written: { recipient: address } }],
      },
    );
    const deadline = Date.now() + 20_000;
    for (;;) {
      const [entry] = await readOutbound(store.table, messageId);
      if (entry !== undefined && entry.attempts > 0 && entry.owes === undefined) return entry;
      assert.ok(Date.now() < deadline, JSON.stringify(entry));
      await clock.sleep(20);
    }
  }

  test('passes the exchangers that are away or go away, and reaches the next', async () => {
    const entry = await sendTo(paco.user);
    assert.equal(entry.state, 'sent');
    assert.equal(entry.last?.remote, 'mx.hotmail.test [192.0.2.3]');
    traceBefore(await takeMessage(hotmail, paco), message);
    assert.equal(rude.visits.length, 1);
    assert.deepEqual(rude.arrived, []);
    assert.ok(dns.asked.includes('MX hotmail.test') && dns.asked.includes('AAAA mx.hotmail.test'));
  });

  test('goes to the domain itself where it has no MX', async () => {
    assert.equal((await sendTo('ann@implicit.test')).state, 'sent');
    assert.equal(implicit.taken.length, 1);
  });

  for (const [domain, status] of [
    ['nomail.test', '5.1.10'],
    ['nowhere.test', '5.1.2'],
    ['ours.test', '5.4.6'],
  ] as const)
    test(`fails at once for ${domain}, with ${status}, and its sender is told`, async () => {
      const { state, last, messageId } = await sendTo(`ann@${domain}`);
      assert.deepEqual([state, last?.status], ['failed', status]);
      const reports = told.filter((each) => each.messageId === messageId).flatMap((each) => each.reports);
      assert.deepEqual(
        reports.map((report) => [report.action, report.status]),
        [['failed', status]],
      );
    });

  test('waits where the DNS does not say', async () => {
    const { state, last } = await sendTo('ann@unclear.test');
    assert.deepEqual([state, last?.status], ['waiting', '4.4.3']);
  });
});
