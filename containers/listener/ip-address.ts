/** Addresses of clients in one form, so that caps, limits and logs see each client once. */
import { SocketAddress, isIP, isIPv4 } from 'node:net';

/**
 * The address in the form of RFC 5952, an IPv4-mapped one (`::ffff:192.0.2.1`, what a dual-stack socket reports) as
 * IPv4, a zone dropped. undefined when it is no address.
 */
export function canonicalIp(address: string): string | undefined {
  const bare = address.replace(/%.*$/, '');
  if (isIPv4(bare)) return bare;
  if (isIP(bare) !== 6) return undefined;
  const ipv6 = new SocketAddress({ address: bare, family: 'ipv6' }).address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(ipv6);
  return mapped?.[1] ?? ipv6;
}

/** Whether a canonical address is one of a machine's own loopback: 127.0.0.0/8 or ::1. */
export function isLoopback(address: string): boolean {
  return address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}

/**
 * What counts as one client for the caps: the address itself, and for IPv6 its /64, because a single customer is
 * handed at least that.
 */
export function clientNetwork(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  if (tail === undefined) return `${before.slice(0, 4).join(':')}::/64`;
  const after = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}
