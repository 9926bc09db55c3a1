/** Proves names by TXT records in a zone of ours (RFC 8555 section 8.4): no port has to be open for it. */
import type { Prover } from '../ports/certificates.ts';
import type { Zone, ZoneRecord } from '../ports/zone.ts';

const ttl = 60;

export function dnsProver(zone: Zone): Prover {
  return {
    way: 'dns-01',
    async show({ name, dnsText }) {
      const record: ZoneRecord = {
        name: `_acme-challenge.${name}`,
        type: 'TXT',
        ttl,
        values: [`"${dnsText}"`],
      };
      await zone.put([record]);
      return { [Symbol.asyncDispose]: () => zone.remove([record]) };
    },
  };
}
