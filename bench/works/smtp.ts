/** How many messages a server takes in by SMTP: from the first octet sent to the `250` that says they are kept. */
import { Messages } from '../load/messages.ts';
import { replies, SmtpClient } from '../load/smtp-client.ts';
import { Wire } from '../load/wire.ts';
import { userAddress } from '../servers/bench-server.ts';
import { rate, type Bed, type Work } from './work.ts';

const atOnce = 8;
const seconds = 3;

function accept(size: string, octets: number, times: number): Work {
  return {
    part: 'smtp',
    name: `SMTP accept, ${atOnce} connections pipelined, ${size}`,
    unit: '/s',
    needs: ['smtp'],
    target: { kind: 'accepts', times, octets },
    run: (bed) => acceptRate(bed, octets, false),
  };
}

async function acceptRate(bed: Bed, octets: number, startTls: boolean): Promise<number> {
  const users = Array.from({ length: atOnce }, () => bed.freshUser());
  const messages = new Messages(octets, octets);
  const clients = users.map(() => new SmtpClient({ port: bed.ports.smtp, startTls }));
  await Promise.all(clients.map((client) => client.open()));
  const result = await rate({ seconds, atOnce }, async (number) => {
    await clients[number]?.send(messages, userAddress(users[number] ?? 0));
  });
  await Promise.all(clients.map((client) => client.quit()));
  await bed.settled();
  return result;
}

/** One message on each connection, its greeting, EHLO and QUIT counted. */
async function connectionEach(bed: Bed): Promise<number> {
  const users = Array.from({ length: atOnce }, () => bed.freshUser());
  const messages = new Messages(10_000, 4);
  const result = await rate({ seconds, atOnce }, async (number) => {
    const recipient = userAddress(users[number] ?? 0);
    const wire = await Wire.connect(bed.ports.smtp);
    await wire.until(replies(1));
    wire.send('EHLO client.example.net\r\n');
    await wire.until(replies(1));
    wire.send(`MAIL FROM:<sender@example.net>\r\nRCPT TO:<${recipient}>\r\nDATA\r\n`);
    await wire.until(replies(3));
    const { header, body } = messages.next(recipient);
    wire.send(header, body, '.\r\nQUIT\r\n');
    await wire.until(replies(2));
    wire.close();
  });
  await bed.settled();
  return result;
}

export const smtpWorks: readonly Work[] = [
  accept('10 KB', 10_000, 10),
  accept('100 KB', 100_000, 5),
  accept('1 MB', 1_000_000, 2.5),
  {
    part: 'smtp',
    name: 'the same with TLS, 10 KB',
    unit: '/s',
    needs: ['smtp'],
    target: { kind: 'times', times: 8 },
    run: (bed) => acceptRate(bed, 10_000, true),
  },
  {
    part: 'smtp',
    name: 'SMTP, one connection for each message, 8 at once',
    unit: '/s',
    needs: ['smtp'],
    target: { kind: 'times', times: 3 },
    run: connectionEach,
  },
];
