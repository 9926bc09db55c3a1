/** Whether the DNS says what a domain's records should say. */
import { zoneFileLines, type DnsRecord } from '../dns-records/dns-record.ts';
import type { DnsLookup } from '../ports/dns-lookup.ts';
import type { Finding } from './finding.ts';

export async function checkDns(
  records: readonly DnsRecord[],
  { hostname, dns }: { readonly hostname: string; readonly dns: DnsLookup },
): Promise<readonly Finding[]> {
  return Promise.all(records.map((record) => checkRecord(record, { hostname, dns })));
}

async function checkRecord(
  record: DnsRecord,
  { hostname, dns }: { readonly hostname: string; readonly dns: DnsLookup },
): Promise<Finding> {
  const { name, type, purpose } = record;
  const finding = (state: Finding['state'], found: string, todo?: string): Finding => ({
    area: 'DNS',
    state,
    what: `${type} ${name}`,
    found,
    ...(todo === undefined ? {} : { todo }),
  });
  const answer = await dns.lookUp(name, type);
  if (answer.kind === 'failed') return finding('warning', `no answer: ${answer.why}`, 'Try again later.');
  const values = answer.kind === 'found' ? answer.records : [];
  if (isRight(record, values)) return finding('ok', purpose);
  // Another name for the same place does as well.
  if (type === 'CNAME' && (await leadsTo(dns, name, hostname))) return finding('ok', purpose);
  const wanted = zoneFileLines([record]).join('\n');
  const others = values.filter((value) => sameKind(record, value));
  if (others.length === 0)
    return finding(weight(record), `missing: ${purpose}`, `Add this line to the zone:\n${wanted}`);
  return finding(
    weight(record),
    `it is ${others.join(', ')}: ${purpose}`,
    `Where that is not meant so, put in its place:\n${wanted}`,
  );
}

/** Without the first no mail comes in, without the second others refuse what goes out; the rest makes life easier. */
function weight({ type, values: [value = ''], name }: DnsRecord): Finding['state'] {
  const needed = (type === 'MX' && !name.startsWith('bounce.')) || value.startsWith('v=spf1');
  return needed || name.includes('._domainkey.') ? 'problem' : 'warning';
}

function isRight(record: DnsRecord, values: readonly string[]): boolean {
  const plain = (value: string) => value.toLowerCase().replaceAll(/\s+/g, ' ').trim();
  const kind = values.filter((value) => sameKind(record, value)).map(plain);
  // Two of a kind count as none (RFC 7208 section 4.5, RFC 7489 section 6.6.3).
  if (record.type === 'TXT' && kind.length > 1) return false;
  const wanted = record.values.map(plain);
  if (wanted.every((value) => kind.includes(value))) return true;
  const [first = ''] = wanted;
  const [one] = kind;
  if (record.type === 'MX') return kind.some((value) => value.endsWith(` ${first.split(' ')[1]}`));
  if (record.type !== 'TXT' || one === undefined) return false;
  // An admin may say more, or be stricter: what we need must be among it.
  if (first.startsWith('v=spf1')) return needs(first).every((part) => one.split(' ').includes(part));
  return first.startsWith('v=dmarc1') || first.startsWith('v=tlsrptv1');
}

/** Of an SPF record: who must be allowed. */
function needs(spf: string): readonly string[] {
  return spf.split(' ').filter((part) => part === 'mx' || part.startsWith('include:'));
}

/** A TXT record of another use is none of ours. */
function sameKind({ type, values: [wanted = ''] }: DnsRecord, value: string): boolean {
  if (type !== 'TXT') return true;
  const [version = ''] = wanted.split(/[ ;]/);
  return value.toLowerCase().startsWith(version.toLowerCase());
}

async function leadsTo(dns: DnsLookup, name: string, hostname: string): Promise<boolean> {
  const [one, other] = await Promise.all([dns.lookUp(name, 'A'), dns.lookUp(hostname, 'A')]);
  if (one.kind !== 'found' || other.kind !== 'found') return false;
  return one.records.some((address) => other.records.includes(address));
}

/** The server's own name: it must lead somewhere, and other servers want its address to lead back. */
export async function checkHostname(
  hostname: string,
  { dns, sends }: { readonly dns: DnsLookup; readonly sends: 'ses' | 'mx' | 'smart-host' | 'hold' },
): Promise<readonly Finding[]> {
  const what = `A ${hostname}`;
  const answer = await dns.lookUp(hostname, 'A');
  if (answer.kind === 'failed')
    return [
      {
        area: 'DNS',
        state: 'warning',
        what,
        found: `no answer: ${answer.why}`,
        todo: 'Try again later.',
      },
    ];
  if (answer.kind !== 'found')
    return [
      {
        area: 'DNS',
        state: 'problem',
        what,
        found: 'missing: clients and other servers do not find the server',
        todo: `Add an A record for ${hostname} with the server's address, or a CNAME to the load balancer.`,
      },
    ];
  const leads: Finding = { area: 'DNS', state: 'ok', what, found: answer.records.join(', ') };
  if (sends !== 'mx') return [leads];
  return [leads, ...(await Promise.all(answer.records.map((each) => checkReverse(each, hostname, dns))))];
}

/** Only who sends by itself is asked for it. */
async function checkReverse(address: string, hostname: string, dns: DnsLookup): Promise<Finding> {
  const answer = await dns.namesOf(address);
  const names = answer.kind === 'found' ? answer.records : [];
  const what = `PTR ${address}`;
  if (names.some((name) => name.toLowerCase() === hostname))
    return { area: 'DNS', state: 'ok', what, found: hostname };
  return {
    area: 'DNS',
    state: 'problem',
    what,
    found: names.length === 0 ? 'missing' : names.join(', '),
    todo: `Ask whoever gave you the address to have it lead to ${hostname}: large providers refuse mail without.`,
  };
}
