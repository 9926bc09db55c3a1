/** What a maildrop holds, read with the tests' own line client: the witness beside the clients under test. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LineClient } from '../end-to-end/line-client.ts';
import type { TestPosta } from '../end-to-end/posta.ts';

/** Logs in by POP3 on the plain port; the caller quits or closes. */
export async function openMaildrop(posta: TestPosta, user: string, password: string): Promise<LineClient> {
  const client = await LineClient.connect(posta.ports.pop3);
  await client.line();
  await client.pop3(`USER ${user}`);
  await client.pop3(`PASS ${password}`);
  return client;
}

/** Waits until the maildrop holds `count` messages, and gives them; fails after ten seconds. */
export async function waitForMessages(
  posta: TestPosta,
  { user, password, count }: { readonly user: string; readonly password: string; readonly count: number },
): Promise<Buffer[]> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const client = await openMaildrop(posta, user, password);
    try {
      const there = Number((await client.pop3('STAT')).split(' ')[1]);
      const messages: Buffer[] = [];
      if (there >= count)
        for (let number = 1; number <= there; number++)
          messages.push(await client.pop3Body(`RETR ${number}`));
      // Without it the maildrop may still be held when it is opened again.
      await client.pop3('QUIT');
      if (there >= count) return messages;
      if (Date.now() > deadline) throw new Error(`${user} has ${there} messages, not ${count}`);
    } finally {
      client.close();
    }
    await sleep(50);
  }
}

/** Deletes all that the maildrop holds. */
export async function emptyMaildrop(posta: TestPosta, user: string, password: string): Promise<void> {
  const client = await openMaildrop(posta, user, password);
  const there = Number((await client.pop3('STAT')).split(' ')[1]);
  for (let number = 1; number <= there; number++) await client.pop3(`DELE ${number}`);
  await client.pop3('QUIT');
  client.close();
}
