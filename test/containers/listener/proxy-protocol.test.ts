import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32c } from '../../../containers/listener/crc32c.ts';
import {
  maxProxyHeaderOctets,
  parseProxyHeader,
  type ProxyHeader,
} from '../../../containers/listener/proxy-protocol.ts';
import { fuzzRounds } from '../../mail/wire/splits.ts';
import { seededRandom } from '../../seeded-random.ts';
import { ipv4, ipv6, signature2, tlv, version2, withChecksum } from './proxy-headers.ts';

/** What a reader hears that is given the bytes one after the other, and the octets after the header. */
function octetByOctet(bytes: Uint8Array): { readonly last: ProxyHeader; readonly shown: number } {
  for (let shown = 1; shown <= bytes.length; shown++) {
    const last = parseProxyHeader(Buffer.from(bytes.subarray(0, shown)));
    if (last.kind !== 'needMore') return { last, shown };
  }
  return { last: { kind: 'needMore' }, shown: bytes.length };
}

const from = (address: string, to: string, octets: number): ProxyHeader => ({
  kind: 'header',
  octets,
  addresses: { source: { address, port: 4000 }, destination: { address: to, port: 587 } },
});

const good: Readonly<Record<string, readonly [Buffer, ProxyHeader]>> = {
  'version 1, IPv4': [
    Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.9 4000 587\r\n'),
    from('192.0.2.7', '198.51.100.9', 44),
  ],
  'version 1, IPv6': [
    Buffer.from('PROXY TCP6 2001:DB8:0::7 2001:db8::9 4000 587\r\n'),
    from('2001:db8::7', '2001:db8::9', 47),
  ],
  'version 1, mapped IPv4': [
    Buffer.from('PROXY TCP6 ::ffff:192.0.2.7 ::ffff:198.51.100.9 4000 587\r\n'),
    from('192.0.2.7', '198.51.100.9', 58),
  ],
  'version 1, UNKNOWN': [Buffer.from('PROXY UNKNOWN\r\n'), { kind: 'header', octets: 15 }],
  'version 1, UNKNOWN with the longest addresses': [
    Buffer.from(`PROXY UNKNOWN ${'f'.repeat(91)}\r\n`),
    { kind: 'header', octets: 107 },
  ],
  'version 2, IPv4': [version2(), from('192.0.2.7', '198.51.100.9', 28)],
  'version 2, IPv6': [version2({ family: 0x21, addresses: ipv6 }), from('2001:db8::7', '2001:db8::9', 52)],
  'version 2 with TLVs': [
    version2({ tlvs: [tlv(0xea, Buffer.from('\x01vpce-1')), tlv(0x04, Buffer.alloc(0))] }),
    from('192.0.2.7', '198.51.100.9', 41),
  ],
  'version 2 with a checksum': [withChecksum(), from('192.0.2.7', '198.51.100.9', 35)],
  'version 2, LOCAL': [
    version2({ command: 0x20, family: 0, addresses: Buffer.alloc(0) }),
    { kind: 'header', octets: 16 },
  ],
  'version 2, LOCAL with addresses that do not count': [
    version2({ command: 0x20 }),
    { kind: 'header', octets: 28 },
  ],
  'version 2, UNSPEC': [version2({ family: 0 }), { kind: 'header', octets: 28 }],
  'version 2, a Unix socket': [
    version2({ family: 0x31, addresses: Buffer.alloc(216) }),
    { kind: 'header', octets: 232 },
  ],
};

for (const [name, [bytes, expected]] of Object.entries(good))
  test(`The header says who the client is: ${name}`, () => {
    const withMore = Buffer.concat([bytes, Buffer.from('EHLO example.test\r\n')]);
    assert.deepEqual(parseProxyHeader(withMore), expected);
    assert.deepEqual(octetByOctet(withMore), { last: expected, shown: bytes.length });
  });

const broken = withChecksum();
broken[19] = 8;
const bad: Readonly<Record<string, Buffer>> = {
  'no header': Buffer.from('EHLO example.test\r\n'),
  'TLS instead': Buffer.from('1603010200', 'hex'),
  'version 1 in small letters': Buffer.from('proxy TCP4 192.0.2.7 198.51.100.9 4000 587\r\n'),
  'version 1, IPv6 as IPv4': Buffer.from('PROXY TCP4 ::1 ::1 4000 587\r\n'),
  'version 1, a name': Buffer.from('PROXY TCP4 localhost 198.51.100.9 4000 587\r\n'),
  'version 1, a port past the last': Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.9 65536 587\r\n'),
  'version 1, a port with zeros before': Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.9 04000 587\r\n'),
  'version 1, no port': Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.9 4000\r\n'),
  'version 1, more than two ports': Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.9 1 2 3\r\n'),
  'version 1, two spaces': Buffer.from('PROXY TCP4  192.0.2.7 198.51.100.9 1 2\r\n'),
  'version 1, another family': Buffer.from('PROXY UDP4 192.0.2.7 198.51.100.9 1 2\r\n'),
  'version 1 without an end': Buffer.from(`PROXY UNKNOWN ${'f'.repeat(200)}\r\n`),
  'version 2, another version': version2({ command: 0x31 }),
  'version 2, another command': version2({ command: 0x22 }),
  'version 2, another family': version2({ family: 0x41 }),
  'version 2, UDP': version2({ family: 0x12 }),
  'version 2, addresses too short': version2({ addresses: ipv4.subarray(1) }),
  'version 2, a TLV past the end': version2({ tlvs: [Buffer.of(0x01, 0, 5, 1)] }),
  'version 2, half a TLV': version2({ tlvs: [Buffer.of(0x01, 0)] }),
  'version 2, a wrong checksum': broken,
  'version 2, a short checksum': version2({ tlvs: [tlv(0x03, Buffer.alloc(2))] }),
  'version 2, too long': version2({ tlvs: [tlv(0x04, Buffer.alloc(maxProxyHeaderOctets))] }),
};

for (const [name, bytes] of Object.entries(bad))
  test(`A header that is broken is refused: ${name}`, () => {
    assert.equal(parseProxyHeader(bytes).kind, 'malformed');
    assert.equal(octetByOctet(bytes).last.kind, 'malformed');
  });

test('The checksum is CRC-32C', () => {
  // RFC 3720 appendix B.4, and the check value of the catalogue.
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
});

test('No header is taken to be longer than its limit, whatever comes, and nothing throws', () => {
  const random = seededRandom(6);
  const headers = [...Object.values(good).map(([bytes]) => bytes), ...Object.values(bad)];
  for (let round = 0; round < fuzzRounds; round++) {
    const base = headers[Math.floor(random() * headers.length)] ?? signature2;
    const bytes = Buffer.concat([base, Buffer.alloc(Math.floor(random() * 40), 'x')]);
    for (let change = Math.floor(random() * 4); change > 0; change--)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    const cut = bytes.subarray(0, Math.floor(random() * (bytes.length + 1)));
    const whole = parseProxyHeader(cut);
    const { last, shown } = octetByOctet(cut);
    assert.equal(last.kind, whole.kind);
    if (whole.kind !== 'header') continue;
    assert.deepEqual(last, whole);
    assert.equal(shown, whole.octets);
    assert.ok(whole.octets <= maxProxyHeaderOctets);
  }
});
