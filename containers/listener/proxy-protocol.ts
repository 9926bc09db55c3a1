/**
 * The header that a load balancer puts before a connection's bytes to say who the client is: the PROXY protocol,
 * versions 1 and 2 (haproxy's proxy-protocol.txt, 2020/03/05). Pure: it is shown what has come so far.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { crc32c } from './crc32c.ts';
import { canonicalIp } from './ip-address.ts';

/** One end of a connection, the address canonical. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** The connection as the client made it to the load balancer. */
export interface ProxiedAddresses {
  readonly source: Endpoint;
  readonly destination: Endpoint;
}

/**
 * - `needMore`: the start of a header; show it again with more bytes.
 * - `header`: `octets` long; what follows is the client's. Without `addresses` it speaks for the load balancer itself
 *   (LOCAL, a health check), or for a client whose addresses it does not know (UNKNOWN, UNSPEC, a Unix socket).
 * - `malformed`: it is no header, or a broken one; the connection must be refused. `reason` is for the log.
 */
export type ProxyHeader =
  | { readonly kind: 'needMore' }
  | { readonly kind: 'header'; readonly octets: number; readonly addresses?: ProxiedAddresses }
  | { readonly kind: 'malformed'; readonly reason: string };

/** The longest header taken: version 1 cannot pass 107, version 2 carries extensions that are skipped. */
export const maxProxyHeaderOctets = 4096;

const maxVersion1Octets = 107;
const needMore: ProxyHeader = { kind: 'needMore' };
const prefix1 = Buffer.from('PROXY ');
const signature2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/** Never throws; whatever the split, the last answer for the same bytes is the same. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader {
  if (startsLike(bytes, prefix1)) return bytes.length < prefix1.length ? needMore : parseVersion1(bytes);
  if (startsLike(bytes, signature2)) return bytes.length < 16 ? needMore : parseVersion2(bytes);
  return malformed('no header');
}

function startsLike(bytes: Buffer, signature: Buffer): boolean {
  const length = Math.min(bytes.length, signature.length);
  return bytes.compare(signature, 0, length, 0, length) === 0;
}

function malformed(reason: string): ProxyHeader {
  return { kind: 'malformed', reason };
}

/** Section 2.1: one line of ASCII. */
function parseVersion1(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, maxVersion1Octets).indexOf('\r\n');
  if (end === -1) return bytes.length < maxVersion1Octets ? needMore : malformed('version 1 without an end');
  const octets = end + 2;
  const line = bytes.toString('latin1', prefix1.length, end);
  if (line === 'UNKNOWN' || line.startsWith('UNKNOWN ')) return { kind: 'header', octets };
  const [family, from = '', to = '', fromPort, toPort, ...more] = line.split(' ');
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : () => false;
  if (!isAddress(from) || !isAddress(to) || more.length > 0) return malformed('version 1 addresses');
  const source = endpoint(from, portNumber(fromPort));
  const destination = endpoint(to, portNumber(toPort));
  if (source === undefined || destination === undefined) return malformed('version 1 ports');
  return { kind: 'header', octets, addresses: { source, destination } };
}

function portNumber(text = ''): number | undefined {
  return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 0xffff ? Number(text) : undefined;
}

function endpoint(text: string, port: number | undefined): Endpoint | undefined {
  const address = canonicalIp(text);
  return address === undefined || port === undefined ? undefined : { address, port };
}

/** Section 2.2: signature, version and command, family and transport, length, addresses, TLVs. */
function parseVersion2(bytes: Buffer): ProxyHeader {
  const versionAndCommand = bytes.readUInt8(12);
  const command = versionAndCommand & 0x0f;
  if (versionAndCommand >>> 4 !== 2 || command > 1) return malformed('version 2 command');
  const octets = 16 + bytes.readUInt16BE(14);
  if (octets > maxProxyHeaderOctets) return malformed('version 2 too long');
  if (bytes.length < octets) return needMore;
  // LOCAL: whatever follows is to be thrown away.
  if (command === 0) return { kind: 'header', octets };
  return parseProxied(bytes.subarray(0, octets), bytes.readUInt8(13));
}

/** Octets of one address by family: AF_INET, AF_INET6. */
const addressOctets: Readonly<Record<number, number>> = { 1: 4, 2: 16 };

function parseProxied(header: Buffer, familyAndTransport: number): ProxyHeader {
  const octets = header.length;
  const family = familyAndTransport >>> 4;
  const transport = familyAndTransport & 0x0f;
  if (family > 3 || transport > 2) return malformed('version 2 family');
  // UNSPEC, and Unix sockets, which have no addresses that could be told to anyone.
  const size = addressOctets[family];
  if (size === undefined || transport === 0) return { kind: 'header', octets };
  if (transport !== 1) return malformed('version 2 transport');
  const tlvs = 16 + 2 * size + 4;
  if (octets < tlvs) return malformed('version 2 addresses');
  const broken = checkTlvs(header, tlvs);
  if (broken !== undefined) return malformed(broken);
  const source = endpoint(ipText(header.subarray(16, 16 + size)), header.readUInt16BE(tlvs - 4));
  const destination = endpoint(
    ipText(header.subarray(16 + size, 16 + 2 * size)),
    header.readUInt16BE(tlvs - 2),
  );
  if (source === undefined || destination === undefined) return malformed('version 2 addresses');
  return { kind: 'header', octets, addresses: { source, destination } };
}

function ipText(octets: Buffer): string {
  if (octets.length === 4) return octets.join('.');
  return Array.from({ length: 8 }, (_, group) => octets.readUInt16BE(2 * group).toString(16)).join(':');
}

const typeCrc32c = 0x03;

/** Skips the extensions, but for the checksum (section 2.2.3); what is broken about them, if anything is. */
function checkTlvs(header: Buffer, start: number): string | undefined {
  for (let at = start; at < header.length;) {
    if (at + 3 > header.length) return 'version 2 TLV';
    const value = at + 3;
    const next = value + header.readUInt16BE(at + 1);
    if (next > header.length) return 'version 2 TLV';
    if (header[at] === typeCrc32c) {
      if (next - value !== 4) return 'version 2 checksum length';
      const zeroed = Buffer.from(header);
      zeroed.fill(0, value, next);
      if (crc32c(zeroed) !== header.readUInt32BE(value)) return 'version 2 checksum';
    }
    at = next;
  }
  return undefined;
}
