/** From SMTP to the mailbox: how many a second become visible, how soon a waiting client hears, and what it costs. */
import { holding, ImapClient } from '../load/imap-client.ts';
import { Messages } from '../load/messages.ts';
import { SmtpClient } from '../load/smtp-client.ts';
import { userAddress } from '../servers/bench-server.ts';
import { median, pause, timed, type Bed, type Work } from './work.ts';

const messagesSent = 1000;
const atOnce = 8;
const repeats = 40;

/** Sends all messages over 8 connections, to the users in turn; resolves when every INBOX shows what was sent to it. */
async function sendAndSee(bed: Bed, users: readonly number[]): Promise<void> {
  const messages = new Messages(10_000, 7);
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      const client = new SmtpClient({ port: bed.ports.smtp });
      while (next < messagesSent) {
        const user = users[next % users.length] ?? 0;
        next += 1;
        await client.send(messages, userAddress(user));
      }
      await client.quit();
    }),
  );
  const expected = messagesSent / users.length;
  for (const user of users) {
    const client = await ImapClient.login(bed.ports.imap ?? 0, user);
    while (!(await client.ask('STATUS INBOX (MESSAGES)')).includes(`MESSAGES ${expected})`)) await pause(5);
    await client.logout();
  }
}

function visible(mailboxes: number, times: number): Work {
  return {
    part: 'delivery',
    name: `SMTP in to visible in INBOX, all of ${messagesSent}, ${mailboxes === 1 ? '1 mailbox' : `${mailboxes} mailboxes`}`,
    unit: '/s',
    needs: ['smtp', 'imap'],
    target: { kind: 'times', times },
    async run(bed) {
      const users = Array.from({ length: mailboxes }, () => bed.freshUser());
      // Passwords are verified and mailboxes made before: neither is delivery.
      for (const user of users) await (await ImapClient.login(bed.ports.imap ?? 0, user)).logout();
      return (messagesSent * 1000) / (await timed(() => sendAndSee(bed, users)));
    },
  };
}

/** Sends one message after the other, each when the last was seen; the median of how long each was on its way. */
async function latency(
  bed: Bed,
  options: { readonly user: number; readonly seen: (number: number) => Promise<void> },
): Promise<number> {
  const smtp = new SmtpClient({ port: bed.ports.smtp });
  const messages = new Messages(10_000, 8);
  const took: number[] = [];
  for (let number = 1; number <= repeats; number++) {
    const acknowledged = smtp.send(messages, userAddress(options.user)).then(() => performance.now());
    const seen = options.seen(number).then(() => performance.now());
    took.push((await seen) - (await acknowledged));
    await pause(20);
  }
  await smtp.quit();
  return median(took);
}

const idle: Work = {
  part: 'delivery',
  name: '250 to EXISTS in an idling session',
  unit: 'ms',
  needs: ['smtp', 'imap'],
  target: { kind: 'atMost', value: 5 },
  async run(bed) {
    const user = bed.freshUser();
    const client = await ImapClient.login(bed.ports.imap ?? 0, user);
    await client.command('SELECT INBOX');
    client.wire.send('i IDLE\r\n');
    await client.wire.until(holding('+ '));
    const result = await latency(bed, {
      user,
      seen: (number) => client.wire.until(holding(`* ${number} EXISTS`)),
    });
    client.wire.close();
    return result;
  },
};

const polled: Work = {
  part: 'delivery',
  name: '250 to seen by NOOP every 5 ms',
  unit: 'ms',
  needs: ['smtp', 'imap'],
  target: { kind: 'atMost', value: 4 },
  async run(bed) {
    const user = bed.freshUser();
    const client = await ImapClient.login(bed.ports.imap ?? 0, user);
    await client.command('SELECT INBOX');
    const result = await latency(bed, {
      user,
      async seen(number) {
        while (!(await client.ask('NOOP')).includes(`* ${number} EXISTS`)) await pause(5);
      },
    });
    await client.logout();
    return result;
  },
};

const cpu: Work = {
  part: 'delivery',
  name: `processor time for each message delivered`,
  unit: 'ms',
  needs: ['smtp', 'imap'],
  target: { kind: 'times', times: 10 },
  ofCpu: true,
  async run(bed) {
    const users = [bed.freshUser()];
    await bed.settled();
    const before = bed.cpuSeconds();
    await sendAndSee(bed, users);
    await bed.settled();
    return ((bed.cpuSeconds() - before) * 1000) / messagesSent;
  },
};

export const deliveryWorks: readonly Work[] = [visible(1, 8), visible(50, 10), idle, polled, cpu];
