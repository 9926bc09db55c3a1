/** Resolver: what the DNS says. The system's resolver, or a table in a test. Contract: test/contracts/resolver.ts. */

/** A mail exchanger (RFC 5321 section 5.1). */
export interface MxRecord {
  readonly preference: number;
  /** Without a final dot; empty for the null MX (RFC 7505). */
  readonly exchange: string;
}

/**
 * - `found`: there is at least one.
 * - `none`: the name is there, and has none of this kind.
 * - `noName`: there is no such name.
 * - `failed`: no answer for now, or one that cannot be used; to be asked again.
 */
export type Answer<Thing> =
  | { readonly kind: 'found'; readonly records: readonly Thing[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'noName' }
  | { readonly kind: 'failed'; readonly why: string };

/** Names are in ASCII (A-labels). CNAMEs are followed, at most 8 of them. Never rejects. */
export interface Resolver {
  resolveMx(name: string): Promise<Answer<MxRecord>>;
  /** IP addresses, IPv6 and IPv4; the literal form of one answers itself. */
  resolveAddresses(name: string): Promise<Answer<string>>;
}
