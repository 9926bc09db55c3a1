/** What the tests of next hops stand on: servers and a DNS in memory. */
import { MemoryMetrics } from '../../../../drivers/system/metrics.ts';
import { nextHopLimits } from '../../../../mail/delivery/next-hop/limits.ts';
import type { NextHopPorts } from '../../../../mail/delivery/next-hop/ports.ts';
import { SessionPool } from '../../../../mail/delivery/next-hop/session-pool.ts';
import type { TransmitPorts } from '../../../../mail/delivery/next-hop/transmit.ts';
import type { Clock } from '../../../../mail/ports/clock.ts';
import type { Transmission, TransmitOutcome } from '../../../../mail/ports/next-hop.ts';
import { loginMechanism } from '../../../../mail/auth/sasl/login.ts';
import { plainMechanism } from '../../../../mail/auth/sasl/plain.ts';
import { smtpEngine } from '../../../../mail/smtp/engine.ts';
import type { Role } from '../../../../mail/smtp/host.ts';
import { smtpLimits } from '../../../../mail/smtp/limits.ts';
import type { EngineFactory } from '../../../../mail/wire/engine.ts';
import { fakeResolver } from '../../../contracts/fake-resolver.ts';
import { ManualClock } from '../../../contracts/manual-clock.ts';
import { recordingLog, type RecordingLog } from '../../../contracts/recording-log.ts';
import type { Zone } from '../../../contracts/zone.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { MemoryNetwork } from '../../smtp/client/memory-network.ts';
import { fakeAuthenticator, type FakeHost } from '../../smtp/fake-host.ts';

export interface HopKit extends TransmitPorts {
  readonly network: MemoryNetwork;
  readonly log: RecordingLog;
  readonly metrics: MemoryMetrics;
  /** Of the time that stands still unless a test turns it. */
  readonly manual: ManualClock;
}

export function hopKit(
  zone: Zone,
  { clock, ...set }: Partial<NextHopPorts> & { readonly clock?: Clock } = {},
): HopKit {
  const manual = new ManualClock();
  const time = clock ?? manual;
  const network = new MemoryNetwork(time);
  const ports = {
    connector: network,
    resolver: fakeResolver(zone),
    clock: time,
    log: recordingLog(),
    metrics: new MemoryMetrics(),
    random: seededRandom(1),
    hostname: 'client.example',
    limits: nextHopLimits,
    ...set,
  };
  return {
    ...ports,
    log: ports.log as RecordingLog,
    metrics: ports.metrics as MemoryMetrics,
    manual,
    network,
    pool: new SessionPool(ports),
  };
}

/** The engine of an honest Posta. */
export function honestServer(host: FakeHost, { role = 'mta' }: { readonly role?: Role } = {}): EngineFactory {
  return smtpEngine({
    role,
    hostname: 'mx.example.test',
    host,
    authenticator: fakeAuthenticator,
    mechanisms: [plainMechanism, loginMechanism],
    tlsAvailable: true,
    loopbackPasswords: true,
    clock: { now: () => 0, sleep: async () => {} },
    log: recordingLog(),
    metrics: { count: () => {}, gauge: () => {}, timeMs: () => {} },
    limits: smtpLimits,
  });
}

/** A small message; without `recipients` it is for paco. */
export function letter(set: Partial<Transmission> & { readonly text?: string } = {}): Transmission {
  const { text = 'Subject: x\r\n\r\nhello\r\n', ...rest } = set;
  return {
    messageId: 'm1',
    reversePath: 'pepe@example.org',
    recipients: [{ address: 'paco@example.test' }],
    sizeBytes: Buffer.byteLength(text),
    body: '7BIT',
    smtpUtf8: false,
    async *read() {
      yield Buffer.from(text);
    },
    ...rest,
  };
}

/** Kinds and status codes, for a short comparison; and whether the place is away. */
export function inShort({ outcomes, unavailable }: TransmitOutcome): readonly string[] {
  return [
    ...outcomes.map(({ kind, said }) => `${kind} ${said.status}`),
    ...(unavailable ? ['unavailable'] : []),
  ];
}
