/** DNS as the system's resolvers say it, or others that are given: the records of a name, bounded and checked. */
import { Resolver as Lookup } from 'node:dns/promises';
import { addAbortListener } from 'node:events';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Answer, MxRecord, Resolver } from '../../mail/ports/resolver.ts';

export interface ResolverOptions {
  /** IP addresses, with a port where it is not 53 (`192.0.2.53:5353`, `[2001:db8::53]:5353`). Default: the system's. */
  readonly servers?: readonly string[];
  /** Of the first try at one server; it doubles with each try. Default 3 s. */
  readonly tryTimeoutMs?: number;
  /** At each server. Default 3. */
  readonly tries?: number;
  /** Of a question with all that follows from it. Default 30 s. */
  readonly timeoutMs?: number;
  /** Aborted, it ends all questions: they have failed. */
  readonly signal?: AbortSignal;
  /** Whether this machine reaches others by IPv6. Default: as its interfaces say at the time. */
  readonly hasIpv6?: () => boolean;
}

/** RFC 1034 section 3.6.2 sets no limit; this one ends loops. */
const maxCnames = 8;
/** Records of one kind that are looked at; a domain has a handful. */
const maxRecords = 64;

/** Throws where a server is no IP address. */
export function systemResolver(options: ResolverOptions = {}): Resolver {
  const { hasIpv6 = reachesByIpv6 } = options;
  openLookup(options);
  return {
    resolveMx: (name) =>
      answered(options, name, (lookup, asked) =>
        followCnames(lookup, asked, async (each) => usableMx(await settled(lookup.resolveMx(each)))),
      ),
    async resolveAddresses(name) {
      if (isIP(name) !== 0) return { kind: 'found', records: [name] };
      const ipv6First = hasIpv6();
      if (isLocalhost(name)) return { kind: 'found', records: inOrder(['::1'], ['127.0.0.1'], ipv6First) };
      return answered(options, name, (lookup, asked) =>
        followCnames(lookup, asked, (each) => addressesOf(lookup, each, ipv6First)),
      );
    },
  };
}

/**
 * One for each question: it knows the system's servers as they are now, and can be cancelled with all its queries. It
 * opens sockets only while it asks, and keeps no cache.
 */
function openLookup({ servers, tryTimeoutMs = 3000, tries = 3 }: ResolverOptions): Lookup {
  const lookup = new Lookup({ timeout: tryTimeoutMs, tries });
  if (servers !== undefined) lookup.setServers([...servers]);
  return lookup;
}

/** Asks within the time-out; a name that the DNS cannot hold is not asked for. */
async function answered<Thing>(
  options: ResolverOptions,
  name: string,
  ask: (lookup: Lookup, name: string) => Promise<Answer<Thing>>,
): Promise<Answer<Thing>> {
  const asked = name.replace(/\.$/, '');
  if (!isDomainName(asked)) return { kind: 'noName' };
  const { signal, timeoutMs = 30_000 } = options;
  if (signal?.aborted) return failed('this server is going down');
  const lookup = openLookup(options);
  const timer = setTimeout(() => lookup.cancel(), timeoutMs);
  const ending = signal && addAbortListener(signal, () => lookup.cancel());
  try {
    return await ask(lookup, asked);
  } finally {
    clearTimeout(timer);
    ending?.[Symbol.dispose]();
  }
}

/**
 * Servers follow a CNAME and answer with what it leads to; where one has not, it is done here. So only a name that has
 * nothing is asked for its CNAME, and one that cannot be asked for that has none.
 */
async function followCnames<Thing>(
  lookup: Lookup,
  name: string,
  ask: (name: string) => Promise<Answer<Thing>>,
): Promise<Answer<Thing>> {
  let asked = name;
  for (let cnames = 0; ; cnames += 1) {
    const answer = await ask(asked);
    if (answer.kind !== 'none') return answer;
    const alias = await settled(lookup.resolveCname(asked));
    const next = alias.kind === 'found' ? alias.records[0] : undefined;
    if (next === undefined) return answer;
    if (cnames === maxCnames) return failed(`${name} leads through more than ${maxCnames} CNAMEs`);
    if (!isDomainName(next)) return failed(`the CNAME of ${asked} is no domain name`);
    asked = next;
  }
}

async function settled<Thing>(query: Promise<readonly Thing[]>): Promise<Answer<Thing>> {
  try {
    const records = await query;
    return records.length === 0 ? { kind: 'none' } : { kind: 'found', records };
  } catch (fault) {
    return answerOf(fault instanceof Error && 'code' in fault ? String(fault.code) : '');
  }
}

/** What Node's codes mean: https://nodejs.org/api/dns.html#error-codes */
function answerOf(code: string): Answer<never> {
  switch (code) {
    case 'ENOTFOUND':
      return { kind: 'noName' };
    case 'ENODATA':
      return { kind: 'none' };
    case 'ETIMEOUT':
    case 'ECANCELLED':
      return failed('the DNS servers do not answer');
    case 'ECONNREFUSED':
      return failed('the DNS servers cannot be reached');
    case 'ESERVFAIL':
      return failed('the DNS server failed (SERVFAIL)');
    case 'EREFUSED':
      return failed('the DNS server refused to answer (REFUSED)');
    case 'EBADRESP':
    case 'EBADNAME':
    case 'EFORMERR':
      return failed('the DNS answer is malformed');
    default:
      return failed(`the DNS lookup failed (${code})`);
  }
}

function failed(why: string): Answer<never> {
  return { kind: 'failed', why };
}

/** The exchanges that can be looked up, in the order of preference, each once. */
function usableMx(
  answer: Answer<{ readonly priority: number; readonly exchange: string }>,
): Answer<MxRecord> {
  if (answer.kind !== 'found') return answer;
  const byExchange = new Map<string, MxRecord>();
  for (const { priority, exchange } of answer.records.toSorted((a, b) => a.priority - b.priority)) {
    const name = exchange.replace(/\.$/, '').toLowerCase();
    const usable = name === '' || (isDomainName(name) && isIP(name) === 0);
    if (usable && !byExchange.has(name)) byExchange.set(name, { preference: priority, exchange: name });
  }
  const all = [...byExchange.values()];
  const hosts = all.filter(({ exchange }) => exchange !== '');
  // RFC 7505 section 3: a null MX stands alone. Beside others it means nothing.
  const records = (hosts.length > 0 ? hosts : all).slice(0, maxRecords);
  return records.length === 0 ? failed('its MX records name no host') : { kind: 'found', records };
}

/** One family may fail (some servers know nothing of AAAA) where the other is found. */
async function addressesOf(lookup: Lookup, name: string, ipv6First: boolean): Promise<Answer<string>> {
  const answers = await Promise.all([settled(lookup.resolve6(name)), settled(lookup.resolve4(name))]);
  const [ipv6, ipv4] = answers.map((answer) =>
    answer.kind === 'found' ? answer.records.filter(isHostAddress).slice(0, maxRecords) : [],
  );
  const records = inOrder(ipv6 ?? [], ipv4 ?? [], ipv6First);
  if (records.length > 0) return { kind: 'found', records };
  if (answers.some(({ kind }) => kind === 'found')) return failed('its addresses are no host’s');
  const failure = answers.find(({ kind }) => kind === 'failed');
  if (failure !== undefined) return failure;
  return answers.every(({ kind }) => kind === 'noName') ? { kind: 'noName' } : { kind: 'none' };
}

function inOrder(ipv6: readonly string[], ipv4: readonly string[], ipv6First: boolean): readonly string[] {
  return ipv6First ? [...ipv6, ...ipv4] : [...ipv4, ...ipv6];
}

/** Not the unspecified ones, which reach this machine itself, nor IPv4 written as IPv6, which slips through checks. */
function isHostAddress(address: string): boolean {
  return isIP(address) !== 0 && !/^(?:0\.0\.0\.0|::|::ffff:.*)$/i.test(address);
}

/** RFC 1035 section 2.3.4, in the octets of host names, and the underscore that some have all the same. */
function isDomainName(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/i.test(name);
}

/** RFC 6761 section 6.3: known without asking. */
function isLocalhost(name: string): boolean {
  return /^(?:.+\.)?localhost\.?$/i.test(name);
}

/** A global unicast address (RFC 4291 section 2.5.4: 2000::/3) on any interface. */
function reachesByIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ family, address }) => family === 'IPv6' && /^[23][0-9a-f]{3}:/i.test(address)),
  );
}
