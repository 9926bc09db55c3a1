/** Every DNS record that a mail domain wants: for mail to come in, to go out and be believed, and for clients to find us. */
import { createHash } from 'node:crypto';
import { mtaStsPolicy, type MtaStsPolicy } from '../web/mta-sts.ts';
import type { DnsRecord } from './dns-record.ts';

export interface DomainDns {
  readonly domain: string;
  /** The server's name: what MX names, and what clients connect to. Its address is not among the records. */
  readonly hostname: string;
  /** Who hands our mail to other servers. */
  readonly sends: 'ses' | 'mx' | 'smart-host' | 'hold';
  readonly ses?: SesDns;
  readonly mtaSts: MtaStsPolicy;
  /** Where other servers' reports go. */
  readonly reportAddress: string;
}

/** What Amazon SES asks for. */
export interface SesDns {
  readonly region: string;
  /** CNAME records, as SES gives them. */
  readonly dkim: readonly { readonly name: string; readonly value: string }[];
  /** Where bounces go: a name within the domain that is used for nothing else. */
  readonly mailFrom: string;
}

const ttl = 3600;

/** In three groups, so that an admin can take one after the other. */
export interface DomainRecords {
  readonly incoming: readonly DnsRecord[];
  readonly sending: readonly DnsRecord[];
  readonly clients: readonly DnsRecord[];
}

export function recordsOf(dns: DomainDns): DomainRecords {
  return { incoming: incoming(dns), sending: sending(dns), clients: clients(dns) };
}

export function allRecordsOf(dns: DomainDns): readonly DnsRecord[] {
  return Object.values(recordsOf(dns)).flat() as DnsRecord[];
}

function incoming({ domain, hostname, mtaSts, reportAddress }: DomainDns): readonly DnsRecord[] {
  const text = (name: string, value: string, purpose: string) =>
    ({ name, type: 'TXT', ttl, values: [value], purpose }) as const;
  return [
    {
      name: domain,
      type: 'MX',
      ttl,
      values: [`10 ${hostname}`],
      purpose: 'mail for the domain comes here (RFC 5321)',
    },
    ...(mtaSts.mode === 'none'
      ? []
      : [
          text(
            `_mta-sts.${domain}`,
            `v=STSv1; id=${mtaStsId(mtaSts)}`,
            'other servers are to send only over TLS (RFC 8461)',
          ),
          alias(`mta-sts.${domain}`, hostname, 'where the policy for that is read'),
        ]),
    text(
      `_smtp._tls.${domain}`,
      `v=TLSRPTv1; rua=mailto:${reportAddress}`,
      'other servers report where TLS failed (RFC 8460)',
    ),
  ];
}

function sending({ domain, sends, ses, reportAddress }: DomainDns): readonly DnsRecord[] {
  const spf = {
    ses: 'v=spf1 mx include:amazonses.com -all',
    mx: 'v=spf1 mx -all',
    // What the smart host's own servers are, only its provider knows.
    'smart-host': 'v=spf1 mx ?all',
    hold: 'v=spf1 mx -all',
  }[sends];
  const text = (name: string, value: string, purpose: string) =>
    ({ name, type: 'TXT', ttl, values: [value], purpose }) as const;
  return [
    text(
      domain,
      spf,
      sends === 'smart-host'
        ? 'who may send for the domain (RFC 7208): put in what your smart host says, and end it with -all'
        : 'who may send for the domain (RFC 7208)',
    ),
    text(
      `_dmarc.${domain}`,
      `v=DMARC1; p=quarantine; rua=mailto:${reportAddress}`,
      'what others do with mail that only pretends to be ours, and where they report it (RFC 7489)',
    ),
    ...(ses === undefined ? [] : sesRecords(ses)),
  ];
}

function sesRecords({ region, dkim, mailFrom }: SesDns): readonly DnsRecord[] {
  return [
    ...dkim.map(({ name, value }) => alias(name, value, 'Amazon SES signs for the domain (DKIM, RFC 6376)')),
    {
      name: mailFrom,
      type: 'MX',
      ttl,
      values: [`10 feedback-smtp.${region}.amazonses.com`],
      purpose: 'bounces go to Amazon SES',
    },
    {
      name: mailFrom,
      type: 'TXT',
      ttl,
      values: ['v=spf1 include:amazonses.com -all'],
      purpose: 'Amazon SES may send with that name',
    },
  ];
}

/** RFC 6186, RFC 8314: TLS from the first octet on comes first. */
function clients({ domain, hostname }: DomainDns): readonly DnsRecord[] {
  const service = (name: string, priority: number, port: number): DnsRecord => ({
    name: `_${name}._tcp.${domain}`,
    type: 'SRV',
    ttl,
    values: [`${priority} 0 ${port} ${hostname}`],
    purpose: `clients find ${name} (RFC 6186)`,
  });
  return [
    service('submissions', 0, 465),
    service('submission', 10, 587),
    service('imaps', 0, 993),
    service('imap', 10, 143),
    service('pop3s', 20, 995),
    service('pop3', 30, 110),
    { ...service('autodiscover', 0, 443), purpose: 'Outlook finds its settings' },
    alias(`autoconfig.${domain}`, hostname, 'Thunderbird finds its settings'),
    alias(`autodiscover.${domain}`, hostname, 'Outlook finds its settings'),
  ];
}

function alias(name: string, target: string, purpose: string): DnsRecord {
  return { name, type: 'CNAME', ttl, values: [target], purpose };
}

/** Changes exactly when the policy does, as it must (RFC 8461 section 3.1). */
export function mtaStsId(policy: MtaStsPolicy): string {
  const { body } = mtaStsPolicy(policy);
  return createHash('sha256').update(body).digest('hex').slice(0, 20);
}
