/** DnsLookup: any records of a name, for whoever checks what the DNS says. */
import type { Answer } from './resolver.ts';

export interface DnsLookup {
  /** Values as `DnsRecord` has them: `10 mx.example.org`, a TXT without quotes and in one piece. Never rejects. */
  lookUp(name: string, type: 'A' | 'CNAME' | 'MX' | 'SRV' | 'TXT'): Promise<Answer<string>>;
  /** The names of an address. Never rejects. */
  namesOf(address: string): Promise<Answer<string>>;
}
