/** What a server says (RFC 5321 section 4.2), as far as it matters to a client. */
import { printable } from './printable.ts';

/** A reply; of several lines the last one's code counts. */
export interface ServerReply {
  /** 200 to 599. */
  readonly code: number;
  /** The enhanced status code (RFC 2034) that it wrote, of the code's own class. */
  readonly enhanced?: string;
  /** The text of each line without codes and control characters. One or more. */
  readonly lines: readonly string[];
}

/** What is kept of a reply in logs, queue and notifications, in characters. */
const maxQuoted = 1_000;

/** 2yz: done. */
export function isPositive({ code }: ServerReply): boolean {
  return code < 300;
}

/** 3yz: go on. */
export function isIntermediate({ code }: ServerReply): boolean {
  return code >= 300 && code < 400;
}

/** 5yz. */
export function isPermanent({ code }: ServerReply): boolean {
  return code >= 500;
}

/** On one line, both codes once: `550 5.1.1 No such user`. */
export function quoteReply({ code, enhanced, lines }: ServerReply): string {
  const text = lines.filter((line) => line !== '').join(' ');
  return [String(code), enhanced, text].filter(Boolean).join(' ').slice(0, maxQuoted);
}

/** Reply-line: `550-text`, `550 text`, `550`; undefined where the line begins with no code. */
export function parseReplyLine(
  line: Uint8Array,
): { readonly code: number; readonly last: boolean; readonly text: string } | undefined {
  const match = /^([2-5][0-9]{2})(?:([- \t])(.*))?$/s.exec(printable(line));
  if (match === null) return undefined;
  return { code: Number(match[1]), last: match[2] !== '-', text: match[3] ?? '' };
}

/** The reply that lines with their texts make. Servers write the enhanced code on each line, on one, or on none. */
export function makeReply(code: number, texts: readonly string[]): ServerReply {
  const statusClass = String(code).slice(0, 1);
  const found = texts.map((text) => /^([245])\.([0-9]{1,3})\.([0-9]{1,3})(?: +|$)/.exec(text) ?? undefined);
  const own = found.map((match) => (match?.[1] === statusClass ? match : undefined));
  const enhanced = own.findLast((match) => match !== undefined)?.[0].trim();
  const lines = texts.map((text, at) => text.slice(own[at]?.[0].length ?? 0));
  return enhanced === undefined ? { code, lines } : { code, enhanced, lines };
}
