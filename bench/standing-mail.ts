/** Fills the mailboxes that the reading works read, once for each server, by APPEND. */
import { ImapClient } from './load/imap-client.ts';
import { Messages } from './load/messages.ts';
import { standing } from './works/work.ts';

const connections = 8;
const together = 100;

interface Mailbox {
  readonly user: number;
  readonly messages: number;
  readonly octets: number;
}

const mailboxes: readonly Mailbox[] = [
  { user: standing.large, messages: 100_000, octets: 2_000 },
  { user: standing.searched, messages: 10_000, octets: 10_000 },
  { user: standing.read, messages: 1_000, octets: 10_000 },
];

export async function fillStanding(port: number, progress: (text: string) => void): Promise<void> {
  for (const { user, messages, octets } of mailboxes) {
    const source = new Messages(octets, 100 + user);
    let left = messages;
    const fill = async () => {
      const client = await ImapClient.login(port, user);
      while (left > 0) {
        const now = Math.min(left, together);
        left -= now;
        await client.appendAll(
          'INBOX',
          Array.from({ length: now }, () => source.whole('someone@bench.test')),
        );
        progress(`filling: ${messages - left} of ${messages} messages`);
      }
      await client.logout();
    };
    await Promise.all(Array.from({ length: connections }, fill));
    const client = await ImapClient.login(port, user);
    await client.command('SELECT INBOX');
    await client.command(`STORE 1:${messages / 2} +FLAGS.SILENT (\\Seen)`);
    await client.logout();
  }
}
