/** Who is examined: a server on this machine, or a deployment; what the checks are told of it. */
import type { CheckedPort } from '../../mail/doctor/check-listeners.ts';
import type { OutboundSeen, QueueSeen } from '../../mail/doctor/check-queues.ts';
import type { SesAccount, SesIdentity } from '../../mail/doctor/check-sending.ts';
import type { Finding } from '../../mail/doctor/finding.ts';
import type { DomainDns } from '../../mail/dns-records/records-of.ts';

export interface Subject {
  readonly hostname: string;
  readonly sends: DomainDns['sends'];
  readonly domains: readonly DomainDns[];
  /** Where its ports are looked at. */
  readonly host: string;
  readonly ports: readonly CheckedPort[];
  /** Who takes all our mail; of one machine. */
  readonly smartHost?: { readonly host: string; readonly port: number; readonly implicitTls: boolean };
  readonly ses?: {
    /** undefined: it may not be asked for. */
    readonly account?: SesAccount;
    /** By domain; undefined: SES does not know it. */
    readonly identities: ReadonlyMap<string, SesIdentity | undefined>;
  };
  readonly queues: readonly QueueSeen[];
  readonly outbound?: OutboundSeen;
  /** Changes that the follower of commits gave up; in AWS. */
  readonly feedFailures?: number;
  /** What could not be looked at. */
  readonly notSeen?: readonly Finding[];
}
