/** What the DNS says in a test, by name: for the fake resolver, and for the DNS server that a real one asks. */
import type { MxRecord } from '../../mail/ports/resolver.ts';

export type RecordType = 'MX' | 'A' | 'AAAA' | 'CNAME' | 'TXT';

export interface ZoneName {
  /** Another name for that one, which has all the records. */
  readonly cname?: string;
  readonly mx?: readonly MxRecord[];
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  /** Each of one string. */
  readonly txt?: readonly string[];
  /** What comes instead of an answer. */
  readonly fails?: 'SERVFAIL' | 'REFUSED' | 'silence';
  /** The only types for which it comes; all where absent. */
  readonly failing?: readonly RecordType[];
}

/** By name in lower case; what is not in it does not exist. */
export type Zone = Readonly<Record<string, ZoneName>>;

/** Whether a question after that type is not answered. */
export function failureOf(found: ZoneName, type: RecordType): ZoneName['fails'] {
  return found.failing === undefined || found.failing.includes(type) ? found.fails : undefined;
}
