/** Any records of the DNS, by the system's servers or by others. */
import { Resolver as Lookup } from 'node:dns/promises';
import type { DnsLookup } from '../../mail/ports/dns-lookup.ts';
import type { Answer } from '../../mail/ports/resolver.ts';

export interface DnsLookupOptions {
  /** Addresses, with a port where it is not 53. Default: the system's. */
  readonly servers?: readonly string[];
}

const tryMs = 3000;

export function systemDnsLookup({ servers }: DnsLookupOptions = {}): DnsLookup {
  const lookup = new Lookup({ timeout: tryMs, tries: 2 });
  if (servers !== undefined) lookup.setServers([...servers]);
  const asks = {
    A: (name: string) => lookup.resolve4(name),
    CNAME: (name: string) => lookup.resolveCname(name),
    TXT: async (name: string) => (await lookup.resolveTxt(name)).map((strings) => strings.join('')),
    MX: async (name: string) =>
      (await lookup.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${exchange}`),
    SRV: async (name: string) =>
      (await lookup.resolveSrv(name)).map((srv) => `${srv.priority} ${srv.weight} ${srv.port} ${srv.name}`),
  };
  return {
    lookUp: (name, type) => answered(asks[type](name)),
    namesOf: (address) => answered(lookup.reverse(address)),
  };
}

async function answered(asking: Promise<readonly string[]>): Promise<Answer<string>> {
  try {
    const records = await asking;
    return records.length === 0 ? { kind: 'none' } : { kind: 'found', records };
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? String(fault.code) : String(fault);
    if (code === 'ENODATA') return { kind: 'none' };
    if (code === 'ENOTFOUND') return { kind: 'noName' };
    return { kind: 'failed', why: code };
  }
}
