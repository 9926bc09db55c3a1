/** Memory: of each session that idles, and of the whole server after everything before. */
import { holding, ImapClient } from '../load/imap-client.ts';
import { pause, type Bed, type Target, type Work } from './work.ts';

/** Logins at once while the sessions are begun. */
const atOnce = 16;
const quietMs = 3000;
const usersOfThem = 20;

async function idleSessions(
  bed: Bed,
  options: { readonly count: number; readonly tls: boolean },
): Promise<number> {
  const { count, tls } = options;
  const port = (tls ? bed.ports.imaps : bed.ports.imap) ?? 0;
  // What the works before have grown would be used again, and nothing be seen.
  await bed.restart();
  const users = Array.from({ length: usersOfThem }, () => bed.freshUser());
  for (const user of users) await (await ImapClient.login(port, user, { tls })).logout();
  await bed.settled();
  await pause(quietMs);
  const before = bed.memoryOctets();
  const clients: ImapClient[] = [];
  let next = 0;
  const begin = async () => {
    while (next < count) {
      const user = users[next % users.length] ?? 0;
      next += 1;
      const client = await ImapClient.login(port, user, { tls });
      await client.command('SELECT INBOX');
      client.wire.send('i IDLE\r\n');
      await client.wire.until(holding('+ '));
      clients.push(client);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, begin));
  await pause(quietMs);
  const after = bed.memoryOctets();
  for (const client of clients) client.wire.close();
  await pause(quietMs);
  return (after - before) / count / 1000;
}

function idle(count: number, tls: boolean, target: Target): Work {
  return {
    part: 'memory',
    name: `memory for each idle IMAP session, ${count.toLocaleString('en')} of them${tls ? ', TLS' : ''}`,
    unit: 'KB',
    needs: [tls ? 'imaps' : 'imap'],
    target,
    run: (bed) => idleSessions(bed, { count, tls }),
  };
}

export const memoryWorks: readonly Work[] = [
  {
    part: 'memory',
    name: 'memory of the whole server, after the works above',
    unit: 'MB',
    needs: ['smtp'],
    target: { kind: 'atMost', value: 250 },
    run: (bed) => Promise.resolve(bed.memoryOctets() / 1e6),
  },
  idle(1000, false, { kind: 'atMost', value: 25 }),
  idle(5000, false, { kind: 'atMost', value: 20 }),
  idle(1000, true, { kind: 'stated' }),
];
