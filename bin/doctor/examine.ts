/** All checks of a subject, at once. */
import { checkDns, checkHostname } from '../../mail/doctor/check-dns.ts';
import { checkListeners, checkPages } from '../../mail/doctor/check-listeners.ts';
import { checkFeedFailures, checkOutbound, checkQueues } from '../../mail/doctor/check-queues.ts';
import {
  checkPort25,
  checkSesAccount,
  checkSesIdentity,
  checkSmartHost,
} from '../../mail/doctor/check-sending.ts';
import type { Finding } from '../../mail/doctor/finding.ts';
import { allRecordsOf } from '../../mail/dns-records/records-of.ts';
import type { DnsLookup } from '../../mail/ports/dns-lookup.ts';
import type { ServerLook } from '../../mail/ports/server-look.ts';
import type { Subject } from './subject.ts';

export interface ExaminePorts {
  readonly dns: DnsLookup;
  readonly server: ServerLook;
  readonly nowMs: number;
  /** A domain whose mail server is asked whether port 25 is open; undefined: nobody outside is connected to. */
  readonly elsewhere: string | undefined;
}

export async function examine(subject: Subject, ports: ExaminePorts): Promise<readonly Finding[]> {
  const { hostname, sends, domains, ses, queues, outbound, feedFailures, notSeen = [] } = subject;
  const { dns } = ports;
  const findings = await Promise.all([
    checkHostname(hostname, { dns, sends }),
    ...domains.map((each) => checkDns(allRecordsOf(each), { hostname, dns })),
    checkListeners({ ...subject, ...ports }),
    checkPages(
      { ...subject, ...ports },
      domains.map(({ domain }) => domain),
    ),
    ...(subject.smartHost === undefined || ports.elsewhere === undefined
      ? []
      : [smartHost(subject.smartHost, ports)]),
    ...(sends === 'mx' && ports.elsewhere !== undefined ? [port25(ports.elsewhere, ports)] : []),
  ]);
  return [
    ...findings.flat(),
    ...(ses?.account === undefined ? [] : checkSesAccount(ses.account)),
    ...[...(ses?.identities ?? [])].map(([domain, identity]) => checkSesIdentity(domain, identity)),
    ...checkQueues(queues),
    ...(outbound === undefined ? [] : [checkOutbound(outbound)]),
    ...(feedFailures === undefined ? [] : [checkFeedFailures(feedFailures)]),
    ...notSeen,
  ];
}

async function port25(domain: string, { dns, server }: ExaminePorts): Promise<readonly Finding[]> {
  const answer = await dns.lookUp(domain, 'MX');
  const [exchange = ''] = answer.kind === 'found' ? answer.records.map((each) => each.split(' ')[1]) : [];
  if (exchange === '') return [checkPort25({ ok: false, why: `${domain} has no mail server to be tried` })];
  const seen = await server.look({ host: exchange, port: 25, serverName: exchange, hello: 'QUIT\r\n' });
  const place = `${exchange} port 25`;
  if (seen.kind === 'seen') return [checkPort25({ ok: true, why: `${place} answers` })];
  return [checkPort25({ ok: false, why: `${place}: ${seen.why}` })];
}

async function smartHost(
  { host, port, implicitTls }: NonNullable<Subject['smartHost']>,
  { server }: ExaminePorts,
): Promise<readonly Finding[]> {
  const hello = implicitTls ? {} : { hello: 'EHLO doctor.invalid\r\n' };
  const seen = await server.look({ host, port, serverName: host, ...hello });
  const place = `${host} port ${port}`;
  if (seen.kind !== 'seen') return [checkSmartHost({ ok: false, why: `${place}: ${seen.why}` })];
  const greets = seen.greeting.startsWith('220');
  return [checkSmartHost({ ok: greets, why: `${place} says: ${seen.greeting}` })];
}
