/** Who takes mail for a domain, as the DNS says it (RFC 5321 section 5.1, RFC 7505). */
import type { MxRecord, Resolver } from '../../ports/resolver.ts';
import { isLoopback } from '../../smtp/client/loopback.ts';
import { isIpv4, isIpv6 } from '../../smtp/syntax/address-literal.ts';

/** This server itself, as a mail exchanger. */
export interface OwnNames {
  /** In ASCII; case does not matter. */
  readonly names: readonly string[];
  /** IP addresses, as the resolver writes them. */
  readonly addresses: readonly string[];
}

/** An address of an exchanger. */
export interface ExchangerAddress {
  readonly exchange: string;
  readonly preference: number;
  readonly address: string;
}

/**
 * - `found`: one address or more, in the order in which they are to be tried.
 * - `failed`: nobody ever, and why; with the enhanced status code.
 * - `later`: the DNS does not say now.
 */
export type Exchangers =
  | { readonly kind: 'found'; readonly addresses: readonly ExchangerAddress[] }
  | { readonly kind: 'failed'; readonly status: string; readonly text: string }
  | { readonly kind: 'later'; readonly text: string };

export interface ExchangerOptions {
  readonly resolver: Resolver;
  readonly own: OwnNames;
  /** 0 or more and less than 1. */
  readonly random: () => number;
  /** Exchangers whose addresses are looked up, and addresses of each that are used. */
  readonly limits: { readonly exchangers: number; readonly addressesOfOne: number };
}

/** `domain` is canonical. Never rejects. */
export async function findExchangers(domain: string, options: ExchangerOptions): Promise<Exchangers> {
  if (domain.startsWith('['))
    return failed('5.1.2', 'Mail to an address literal is not sent: the domain must have a name');
  const answer = await options.resolver.resolveMx(domain);
  switch (answer.kind) {
    case 'found':
      return findAddresses(answer.records, { ...options, nowhere: noAddresses });
    case 'none':
      // Section 5.1: the domain is its own exchanger.
      return findAddresses([{ preference: 0, exchange: domain }], { ...options, nowhere: noExchangers });
    case 'noName':
      return failed('5.1.2', 'There is no such domain');
    case 'failed':
      return { kind: 'later', text: `The DNS does not say who takes mail for the domain: ${answer.why}` };
    default:
      return answer satisfies never;
  }
}

function failed(status: string, text: string): Extract<Exchangers, { readonly kind: 'failed' }> {
  return { kind: 'failed', status, text };
}

const noExchangers = failed('5.1.2', 'The domain has neither mail exchangers nor an address');
const noAddresses = failed('5.4.4', "The domain's mail exchangers have no addresses");
const nullMx = failed('5.1.10', 'The domain takes no mail: its MX record says so');
const onlyAddresses = failed('5.1.2', "The domain's mail exchangers are addresses, where names must be");
const loops = failed(
  '5.4.6',
  'The mail loops: by the DNS this server itself is to take it, and the domain is not served here',
);

async function findAddresses(
  records: readonly MxRecord[],
  { resolver, own, random, limits, nowhere }: ExchangerOptions & { readonly nowhere: Exchangers },
): Promise<Exchangers> {
  const named = records.filter(({ exchange }) => exchange !== '');
  if (named.length === 0) return nullMx;
  // An exchanger is a name (RFC 1035 section 3.3.9): what an address there might mean nobody knows.
  const usable = named.filter(({ exchange }) => !isIpv4(exchange) && !isIpv6(exchange));
  if (usable.length === 0) return onlyAddresses;
  const ordered = inOrder(usable, random);
  const byName = beforeOurs(ordered, ({ exchange }) => isOurName(exchange, own));
  const lookedUp = await Promise.all(
    byName.slice(0, limits.exchangers).map(async (record) => ({
      ...record,
      answer: await resolver.resolveAddresses(record.exchange),
    })),
  );
  const others = beforeOurs(
    lookedUp,
    ({ answer }) => answer.kind === 'found' && answer.records.some((address) => isOurAddress(address, own)),
  );
  const addresses = others.flatMap(({ exchange, preference, answer }) =>
    answer.kind === 'found'
      ? alternating(answer.records)
          .slice(0, limits.addressesOfOne)
          .map((address) => ({ exchange, preference, address }))
      : [],
  );
  if (addresses.length > 0) return { kind: 'found', addresses };
  const unclear = others.map(({ answer }) => answer).find((answer) => answer.kind === 'failed');
  if (unclear !== undefined)
    return {
      kind: 'later',
      text: `The DNS does not say where the domain's mail exchangers are: ${unclear.why}`,
    };
  return byName.length < ordered.length || others.length < lookedUp.length ? loops : nowhere;
}

/** By preference, equal ones at random; a name that is there twice counts once, with its best preference. */
function inOrder(records: readonly MxRecord[], random: () => number): readonly MxRecord[] {
  const drawn = records.map((record) => ({ record, lot: random() }));
  const sorted = drawn.toSorted(
    (one, other) => one.record.preference - other.record.preference || one.lot - other.lot,
  );
  const names = new Set<string>();
  return sorted.flatMap(({ record }) => {
    const name = record.exchange.toLowerCase();
    if (names.has(name)) return [];
    names.add(name);
    return [record];
  });
}

/**
 * Section 5.1: where this server is among the exchangers, only those that are better than it may be used, else mail goes
 * in circles.
 */
function beforeOurs<Exchanger extends MxRecord>(
  exchangers: readonly Exchanger[],
  isOurs: (exchanger: Exchanger) => boolean,
): readonly Exchanger[] {
  const ours = exchangers.find(isOurs);
  return ours === undefined
    ? exchangers
    : exchangers.filter(({ preference }) => preference < ours.preference);
}

function isOurName(exchange: string, { names }: OwnNames): boolean {
  return names.some((name) => name.toLowerCase() === exchange.toLowerCase());
}

/** This machine's loopback is always its own. */
function isOurAddress(address: string, { addresses }: OwnNames): boolean {
  return isLoopback(address) || address === '0.0.0.0' || address === '::' || addresses.includes(address);
}

/** IPv6 and IPv4 in turn, so that the few that are tried are of both. */
function alternating(addresses: readonly string[]): readonly string[] {
  const [first] = addresses;
  const isLikeFirst = (address: string) => address.includes(':') === first?.includes(':');
  const one = addresses.filter((address) => isLikeFirst(address));
  const other = addresses.filter((address) => !isLikeFirst(address));
  return one.flatMap((address, at) => [address, ...other.slice(at, at + 1)]).concat(other.slice(one.length));
}
