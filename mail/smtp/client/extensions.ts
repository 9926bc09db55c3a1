/** What a server offers: its reply to EHLO (RFC 5321 section 4.1.1.1), read for the extensions that this client uses. */
import type { ServerReply } from './reply.ts';

export interface Extensions {
  readonly pipelining: boolean;
  readonly chunking: boolean;
  /** SIZE (RFC 1870): undefined where it is not offered, 0 where there is no fixed limit. */
  readonly maxOctets: number | undefined;
  readonly eightBitMime: boolean;
  readonly smtpUtf8: boolean;
  readonly dsn: boolean;
  readonly startTls: boolean;
  /** AUTH's mechanisms, in upper case. */
  readonly mechanisms: ReadonlySet<string>;
}

/** Of a server that knows only HELO. */
export const noExtensions: Extensions = {
  pipelining: false,
  chunking: false,
  maxOctets: undefined,
  eightBitMime: false,
  smtpUtf8: false,
  dsn: false,
  startTls: false,
  mechanisms: new Set(),
};

/** The first line is the server's name. A keyword's case does not matter; what is malformed is not offered. */
export function readExtensions({ lines }: ServerReply): Extensions {
  const offered = new Map<string, readonly string[]>();
  for (const line of lines.slice(1)) {
    // `AUTH=LOGIN PLAIN` is what servers wrote before RFC 2554, and some write both to this day.
    const [keyword = '', ...words] = line
      .trim()
      .toUpperCase()
      .replace(/^AUTH=/, 'AUTH ')
      .split(/[ \t]+/);
    offered.set(keyword, [...(offered.get(keyword) ?? []), ...words]);
  }
  return {
    pipelining: offered.has('PIPELINING'),
    chunking: offered.has('CHUNKING'),
    maxOctets: readSize(offered.get('SIZE')),
    eightBitMime: offered.has('8BITMIME'),
    smtpUtf8: offered.has('SMTPUTF8'),
    dsn: offered.has('DSN'),
    startTls: offered.has('STARTTLS'),
    mechanisms: new Set(offered.get('AUTH')),
  };
}

function readSize(words: readonly string[] | undefined): number | undefined {
  if (words === undefined) return undefined;
  const [text = ''] = words;
  // Longer than 20 digits, and nobody's message is as large: no limit.
  return /^[0-9]{1,20}$/.test(text) ? Number(text) : 0;
}
