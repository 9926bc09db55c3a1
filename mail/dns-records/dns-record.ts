/** A set of records of the DNS: one name, one type. */

export interface DnsRecord {
  /** Without a final dot. */
  readonly name: string;
  readonly type: 'A' | 'CNAME' | 'MX' | 'SRV' | 'TXT';
  /** Seconds. */
  readonly ttl: number;
  /** As a zone file has them, but a TXT without its quotes; names without a final dot. */
  readonly values: readonly string[];
  /** What it is for, to people. */
  readonly purpose: string;
}

/** Of a character string in a TXT record (RFC 1035 section 3.3). */
const maxStringLength = 255;

/** A value as a zone file and Route 53 want it: a TXT in quotes, in strings of 255 characters. */
export function presentValue(type: DnsRecord['type'], value: string): string {
  if (type !== 'TXT') return value;
  const strings = value.match(new RegExp(`.{1,${maxStringLength}}`, 'gs')) ?? [''];
  return strings.map((each) => `"${each.replaceAll(/["\\]/g, String.raw`\$&`)}"`).join(' ');
}

/** Lines for a zone file, each name with its final dot. */
export function zoneFileLines(records: readonly DnsRecord[]): readonly string[] {
  return records.flatMap(({ name, type, ttl, values }) =>
    values.map((value) => {
      const shown = presentValue(type, value);
      const target = type === 'CNAME' || type === 'MX' || type === 'SRV' ? `${shown}.` : shown;
      return `${name}. ${ttl} IN ${type} ${target}`;
    }),
  );
}
