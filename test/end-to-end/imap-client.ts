/** imapflow on a running Posta: the second opinion beside sessions by hand. */
import { setTimeout as sleep } from 'node:timers/promises';
import assert from 'node:assert/strict';
import { ImapFlow, type FetchMessageObject, type ImapFlowOptions } from 'imapflow';
import type { User } from './maildrop.ts';
import type { TestPosta } from './posta.ts';

/** Logged in over TLS, or after STARTTLS; disposing logs out. Its own IDLE is off: tests say when. */
export async function imapFlow(
  posta: TestPosta,
  { user, password }: User,
  options: { readonly startTls?: boolean } & Partial<ImapFlowOptions> = {},
): Promise<ImapFlow> {
  const { startTls = false, ...more } = options;
  const client = new ImapFlow({
    host: '127.0.0.1',
    servername: 'localhost',
    port: startTls ? posta.ports.imap : posta.ports.imaps,
    secure: !startTls,
    ...(startTls ? { doSTARTTLS: true } : {}),
    auth: { user, pass: password },
    tls: { rejectUnauthorized: false },
    disableAutoIdle: true,
    logger: false,
    maxLiteralSize: 2 ** 30,
    ...more,
  });
  // What ends a session is looked at where a test cares; unheard, it would end the process.
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Waits until the open mailbox holds `count` messages, no more and no fewer, and gives them in its order. */
export async function fetchedMessages(client: ImapFlow, count: number): Promise<FetchMessageObject[]> {
  const deadline = Date.now() + 20_000;
  const exists = () => (client.mailbox === false ? 0 : client.mailbox.exists);
  while (exists() !== count) {
    assert.ok(exists() < count && Date.now() < deadline, `there are ${exists()} messages, not ${count}`);
    await sleep(20);
    await client.noop();
  }
  if (count === 0) return [];
  return client.fetchAll('1:*', { uid: true, flags: true, source: true, internalDate: true, size: true });
}

/** Takes all out of the open mailbox. */
export async function emptyMailbox(client: ImapFlow): Promise<void> {
  await client.noop();
  if (client.mailbox !== false && client.mailbox.exists > 0) await client.messageDelete('1:*');
}
