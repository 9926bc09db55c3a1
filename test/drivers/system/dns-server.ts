/**
 * A DNS server on the loopback that answers by a table (RFC 1035): over UDP, and over TCP where an answer is too long
 * for UDP. Its limits are those of a test: one question a message, names without compression.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { failureOf, type RecordType, type Zone, type ZoneName } from '../../contracts/zone.ts';

export interface DnsServer extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** What was asked, in order: `MX example.test`. */
  readonly asked: readonly string[];
}

export interface DnsServerOptions {
  readonly zone: Zone;
  /** Whether an answer that is a CNAME holds what follows as well, as a recursive server's does. */
  readonly follows?: boolean;
  /** Answers that no sound server gives, by name: the records, or the whole message. */
  readonly hostile?: Readonly<Record<string, (question: Question) => readonly ResourceRecord[] | Uint8Array>>;
}

export interface Question {
  readonly id: number;
  readonly name: string;
  readonly type: RecordType;
  /** The question section, to be repeated in the answer. */
  readonly section: Uint8Array;
}

export interface ResourceRecord {
  readonly name: string;
  readonly type: RecordType;
  readonly data: Uint8Array;
}

const typeNumbers: Readonly<Record<RecordType, number>> = { A: 1, CNAME: 5, MX: 15, TXT: 16, AAAA: 28 };
const replyCodes = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;
const headerOctets = 12;
const maxUdpOctets = 512;
const maxQuestionOctets = 1024;

export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const asked: string[] = [];
  const reply = (query: Uint8Array) => {
    const question = readQuestion(Buffer.from(query));
    if (question === undefined) return undefined;
    asked.push(`${question.type} ${question.name}`);
    return answer(options, question);
  };
  const { udp, tcp, port } = await bindBoth();
  udp.on('message', (query, peer) => {
    const whole = reply(query);
    if (whole !== undefined)
      udp.send(whole.length > maxUdpOctets ? truncated(whole, query) : whole, peer.port, peer.address);
  });
  const sockets = new Set<Socket>();
  tcp.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    answerOverTcp(socket, reply);
  });
  return {
    address: `127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([
        new Promise<void>((resolve) => udp.close(() => resolve())),
        new Promise<void>((resolve) => void tcp.close(() => resolve())),
      ]);
    },
  };
}

/** UDP and TCP on the same port: the system gives one that is free for UDP, and the other is tried. */
async function bindBoth(): Promise<{
  readonly udp: UdpSocket;
  readonly tcp: Server;
  readonly port: number;
}> {
  for (let attempt = 1; ; attempt += 1) {
    const udp = createSocket('udp4').bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const { port } = udp.address();
    const tcp = createServer().listen(port, '127.0.0.1');
    try {
      await once(tcp, 'listening');
      return { udp, tcp, port };
    } catch (fault) {
      udp.close();
      if (attempt === 20) throw fault;
    }
  }
}

/** RFC 1035 section 4.2.2: each message after its length in two octets. */
function answerOverTcp(socket: Socket, reply: (query: Uint8Array) => Uint8Array | undefined): void {
  let held = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    held = Buffer.concat([held, bytes]);
    if (held.length > maxQuestionOctets) socket.destroy();
    while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
      const end = 2 + held.readUInt16BE(0);
      const whole = reply(held.subarray(2, end));
      held = held.subarray(end);
      if (whole !== undefined) socket.write(Buffer.concat([twoOctets(whole.length), whole]));
    }
  });
}

function readQuestion(query: Buffer): Question | undefined {
  const labels: string[] = [];
  let at = headerOctets;
  for (let length = query[at]; length !== undefined && length > 0; length = query[at]) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  if (at + 5 > query.length) return undefined;
  const number = query.readUInt16BE(at + 1);
  const type = (Object.keys(typeNumbers) as RecordType[]).find((each) => typeNumbers[each] === number);
  if (type === undefined) return undefined;
  const name = labels.join('.').toLowerCase();
  return { id: query.readUInt16BE(0), name, type, section: query.subarray(headerOctets, at + 5) };
}

/** The whole message; undefined for silence. */
function answer({ zone, hostile, follows = false }: DnsServerOptions, question: Question) {
  const given = hostile?.[question.name]?.(question);
  if (given instanceof Uint8Array) return given;
  if (given !== undefined) return dnsMessage(question, { records: given });
  const records: ResourceRecord[] = [];
  let { name } = question;
  for (let hops = 0; hops < 20; hops += 1) {
    const found = zone[name];
    if (found === undefined) return dnsMessage(question, { records, code: 'NXDOMAIN' });
    const failure = failureOf(found, question.type);
    if (failure === 'silence') return undefined;
    if (failure !== undefined) return dnsMessage(question, { records: [], code: failure });
    records.push(...recordsOf(name, found, question.type));
    if (found.cname === undefined || question.type === 'CNAME' || !follows) break;
    name = found.cname;
  }
  return dnsMessage(question, { records });
}

function recordsOf(name: string, found: ZoneName, type: RecordType): readonly ResourceRecord[] {
  if (found.cname !== undefined) return [{ name, type: 'CNAME', data: encodeName(found.cname) }];
  switch (type) {
    case 'MX':
      return (found.mx ?? []).map((mx) => ({ name, type, data: mxData(mx.preference, mx.exchange) }));
    case 'A':
      return (found.a ?? []).map((address) => ({
        name,
        type,
        data: Buffer.from(address.split('.').map(Number)),
      }));
    case 'AAAA':
      return (found.aaaa ?? []).map((address) => ({ name, type, data: ipv6Data(address) }));
    case 'TXT':
      return (found.txt ?? []).map((text) => ({
        name,
        type,
        data: Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]),
      }));
    case 'CNAME':
      return [];
    default:
      return type satisfies never;
  }
}

export function mxData(preference: number, exchange: string): Uint8Array {
  return Buffer.concat([twoOctets(preference), encodeName(exchange)]);
}

/** Only with all its groups, or with `::` among them. */
function ipv6Data(address: string): Uint8Array {
  const [head = '', tail] = address.split('::');
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = groups(tail ?? '');
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Buffer.concat(all.map(twoOctets));
}

/** Octets as Latin-1 characters, a dot between labels, none at the end; `''` is the root. */
export function encodeName(name: string): Uint8Array {
  const labels = name === '' ? [] : name.split('.').map((label) => Buffer.from(label, 'latin1'));
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), label]),
    Buffer.from([0]),
  ]);
}

/** RFC 1035 section 4.1, with the bits of an answer by a server that recurses. */
export function dnsMessage(
  { id, section }: Question,
  {
    records,
    code = 'NOERROR',
  }: { readonly records: readonly ResourceRecord[]; readonly code?: keyof typeof replyCodes },
): Uint8Array {
  const header = [id, 0x8180 | replyCodes[code], 1, records.length, 0, 0].map(twoOctets);
  const answers = records.flatMap(({ name, type, data }) => [
    encodeName(name),
    ...[typeNumbers[type], 1, 0, 60, data.length].map(twoOctets),
    data,
  ]);
  return Buffer.concat([...header, section, ...answers]);
}

/** The header with the bit that says so, and the question. */
function truncated(whole: Uint8Array, query: Uint8Array): Uint8Array {
  const cut = Buffer.from(whole.subarray(0, query.length));
  cut.writeUInt16BE(cut.readUInt16BE(2) | 0x0200, 2);
  cut.writeUInt16BE(0, 6);
  return cut;
}

function twoOctets(number: number): Uint8Array {
  return Buffer.from([number >> 8, number & 0xff]);
}
