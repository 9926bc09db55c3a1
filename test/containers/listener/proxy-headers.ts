/** PROXY headers as load balancers write them. */
import { crc32c } from '../../../containers/listener/crc32c.ts';

export const signature2 = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

export interface Version2 {
  /** 0x21 PROXY, 0x20 LOCAL. */
  readonly command?: number;
  /** 0x11 TCP over IPv4, 0x21 TCP over IPv6, 0x00 UNSPEC. */
  readonly family?: number;
  /** Addresses and ports. */
  readonly addresses?: Uint8Array;
  readonly tlvs?: readonly Uint8Array[];
}

export function version2({
  command = 0x21,
  family = 0x11,
  addresses = ipv4,
  tlvs = [],
}: Version2 = {}): Buffer {
  const body = Buffer.concat([addresses, ...tlvs]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  return Buffer.concat([signature2, Buffer.of(command, family), length, body]);
}

export function tlv(type: number, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(type, value.length >>> 8, value.length & 0xff), value]);
}

/** 192.0.2.7:4000 to 198.51.100.9:587. */
export const ipv4 = Buffer.from('c0000207c63364090fa0024b', 'hex');
/** [2001:db8::7]:4000 to [2001:db8::9]:587. */
export const ipv6 = Buffer.from(
  '20010db800000000000000000000000720010db80000000000000000000000090fa0024b',
  'hex',
);

/** The header with its checksum as the last TLV. */
export function withChecksum(options: Version2 = {}): Buffer {
  const header = version2({ ...options, tlvs: [...(options.tlvs ?? []), tlv(0x03, Buffer.alloc(4))] });
  header.writeUInt32BE(crc32c(header), header.length - 4);
  return header;
}
