/** How many sessions begin and end in a second, by IMAP and POP3, passwords verified a moment ago. */
import { ImapClient } from '../load/imap-client.ts';
import { Pop3Client } from '../load/pop3-client.ts';
import { rate, type Bed, type Work } from './work.ts';

const atOnce = 8;
const seconds = 3;

async function imapLogins(bed: Bed, port: number, tls: boolean): Promise<number> {
  const users = Array.from({ length: atOnce }, () => bed.freshUser());
  const session = async (number: number) => {
    const client = await ImapClient.login(port, users[number] ?? 0, { tls });
    await client.command('SELECT INBOX');
    await client.logout();
  };
  for (let number = 0; number < atOnce; number++) await session(number);
  return rate({ seconds, atOnce }, session);
}

export const loginWorks: readonly Work[] = [
  {
    part: 'login',
    name: 'connect, LOGIN, SELECT, LOGOUT, 8 at once, plain',
    unit: '/s',
    needs: ['imap'],
    target: { kind: 'atLeast', value: 3000 },
    run: (bed) => imapLogins(bed, bed.ports.imap ?? 0, false),
  },
  {
    part: 'login',
    name: 'the same with TLS, no resumption',
    unit: '/s',
    needs: ['imaps'],
    target: { kind: 'atLeast', value: 600 },
    run: (bed) => imapLogins(bed, bed.ports.imaps ?? 0, true),
  },
  {
    part: 'pop3',
    name: 'POP3 connect, login, QUIT, 8 at once',
    unit: '/s',
    needs: ['pop3'],
    target: { kind: 'times', times: 3 },
    async run(bed) {
      const users = Array.from({ length: atOnce }, () => bed.freshUser());
      const session = async (number: number) =>
        (await Pop3Client.login(bed.ports.pop3 ?? 0, users[number] ?? 0)).quit();
      for (let number = 0; number < atOnce; number++) await session(number);
      return rate({ seconds, atOnce }, session);
    },
  },
];
