/**
 * An ENVELOPE as an index keeps it: as it is sent, but where Sender and Reply-To say the same as From (they do by
 * default, RFC 9051 section 7.5.2), each is a `=`.
 */
import { ValueReader } from '../message/value-reader.ts';

const same = ' =';

export function shortEnvelope(envelope: string): string {
  const { from, end } = findFrom(envelope);
  if (!from.startsWith('(')) return envelope;
  return envelope.slice(0, end) + replaced(envelope.slice(end), { each: ` ${from}`, by: same });
}

/** What `shortEnvelope` was given. */
export function wholeEnvelope(short: string): string {
  const { from, end } = findFrom(short);
  return short.slice(0, end) + replaced(short.slice(end), { each: same, by: ` ${from}` });
}

/** At the beginning, for Sender and then for Reply-To. */
function replaced(rest: string, { each, by }: { readonly each: string; readonly by: string }): string {
  if (!rest.startsWith(each)) return rest;
  const after = rest.slice(each.length);
  return after.startsWith(each) ? by + by + after.slice(each.length) : by + after;
}

/** The list of From, and where it ends; date and subject stand before it. */
function findFrom(envelope: string): { readonly from: string; readonly end: number } {
  const reader = new ValueReader(envelope);
  reader.enter();
  reader.skip(2);
  const start = reader.place;
  reader.skip();
  const end = reader.place;
  return { from: envelope.slice(start, end).trimStart(), end };
}
