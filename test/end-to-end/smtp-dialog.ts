/** SMTP step by step, for the tests that must know exactly which octets were sent and what each was answered. */
import assert from 'node:assert/strict';
import { LineClient } from './line-client.ts';

export interface Sending {
  /** Empty for the null reverse-path. */
  readonly from: string;
  readonly to: readonly string[];
  /** Behind the reverse-path, such as `SMTPUTF8`. */
  readonly parameters?: string;
  readonly message: string | Uint8Array;
}

/** A session on a plain port, greeted. */
export async function greeted(
  port: number,
  options: { readonly timeoutMs?: number } = {},
): Promise<LineClient> {
  const client = await LineClient.connect(port, { timeoutMs: options.timeoutMs ?? 60_000 });
  assert.match(await client.reply(), /^220 /);
  assert.match(await client.command('EHLO client.test'), /^250-/);
  return client;
}

/** AUTH PLAIN; the reply. */
export function authenticate(client: LineClient, user: string, password: string): Promise<string> {
  return client.command(`AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`);
}

/** MAIL and RCPT, each of which must be answered with 250. */
export async function beginTransaction(client: LineClient, sending: Omit<Sending, 'message'>): Promise<void> {
  const { from, to, parameters } = sending;
  const suffix = parameters === undefined ? '' : ` ${parameters}`;
  assert.match(await client.command(`MAIL FROM:<${from}>${suffix}`), /^250 /);
  for (const recipient of to) assert.match(await client.command(`RCPT TO:<${recipient}>`), /^250 /);
}

/** The message as DATA carries it, without the dot that ends it; it must end with CRLF. */
export function dotStuffed(message: Uint8Array): Buffer {
  const pieces: Uint8Array[] = [];
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  let from = 0;
  if (bytes[0] === 0x2e) pieces.push(Buffer.from('.'));
  for (let at = bytes.indexOf('\r\n.'); at >= 0; at = bytes.indexOf('\r\n.', at + 2)) {
    pieces.push(bytes.subarray(from, at + 2), Buffer.from('.'));
    from = at + 2;
  }
  pieces.push(bytes.subarray(from));
  return Buffer.concat(pieces);
}

/** A whole transaction by DATA; the reply to its end. */
export async function sendByData(client: LineClient, sending: Sending): Promise<string> {
  await beginTransaction(client, sending);
  assert.match(await client.command('DATA'), /^354 /);
  client.send(dotStuffed(Buffer.from(sending.message)));
  return client.command('.');
}

/** A whole transaction by BDAT, in chunks of at most `chunkBytes`; the reply to the last. */
export async function sendByBdat(client: LineClient, sending: Sending, chunkBytes: number): Promise<string> {
  await beginTransaction(client, sending);
  const bytes = Buffer.from(sending.message);
  for (let at = 0; ; at += chunkBytes) {
    const chunk = bytes.subarray(at, at + chunkBytes);
    const last = at + chunkBytes >= bytes.length;
    client.send(`BDAT ${chunk.length}${last ? ' LAST' : ''}\r\n`);
    client.send(chunk);
    const reply = await client.reply();
    if (last || !reply.startsWith('250')) return reply;
  }
}

/** Sends from elsewhere by port 25 in a session of its own; the message must be taken. */
export async function deliver(port: number, sending: Sending): Promise<void> {
  using client = await greeted(port);
  assert.match(await sendByData(client, sending), /^250 /);
}
