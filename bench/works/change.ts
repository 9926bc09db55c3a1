/** What changes a mailbox: APPEND, STORE, COPY and MOVE, of one message at a time and of a thousand. */
import { ImapClient } from '../load/imap-client.ts';
import { Messages } from '../load/messages.ts';
import { median, rate, timed, type Bed, type Work } from './work.ts';

const messagesThere = 1000;
const octets = 10_000;
const repeats = 5;

function append(atOnce: number, times: number): Work {
  return {
    part: 'change',
    name: `APPEND, ${atOnce === 1 ? '1 connection' : `${atOnce} connections`}`,
    unit: '/s',
    needs: ['imap'],
    target: { kind: 'times', times },
    async run(bed) {
      const messages = new Messages(octets, 11);
      const clients = await Promise.all(
        Array.from({ length: atOnce }, () => ImapClient.login(bed.ports.imap ?? 0, bed.freshUser())),
      );
      const result = await rate({ seconds: 3, atOnce }, async (number) => {
        await clients[number]?.append('INBOX', messages.whole('someone@bench.test'));
      });
      await Promise.all(clients.map((client) => client.logout()));
      return result;
    },
  };
}

/** A session on an INBOX with a thousand messages, and a mailbox `other` beside it. */
async function filled(bed: Bed): Promise<ImapClient> {
  const client = await ImapClient.login(bed.ports.imap ?? 0, bed.freshUser());
  const messages = new Messages(octets, 12);
  for (let done = 0; done < messagesThere; done += 100)
    await client.appendAll(
      'INBOX',
      Array.from({ length: 100 }, () => messages.whole('someone@bench.test')),
    );
  await client.command('CREATE other');
  await client.command('SELECT INBOX');
  return client;
}

interface Change {
  readonly name: string;
  /** The command for the message with this number, or for a range. */
  readonly command: (set: string, turn: number) => string;
}

const store: Change = {
  name: 'STORE',
  command: (set, turn) => `STORE ${set} ${turn % 2 === 0 ? '+' : '-'}FLAGS (\\Flagged)`,
};
const copy: Change = { name: 'COPY', command: (set) => `COPY ${set} other` };
const move: Change = { name: 'MOVE', command: (set) => `MOVE ${set} other` };

function oneByOne({ name, command }: Change, times: number): Work {
  return {
    part: 'change',
    name: `${name} one by one`,
    unit: '/s',
    needs: ['imap'],
    target: { kind: 'times', times },
    async run(bed) {
      const client = await filled(bed);
      // MOVE takes the first away each time.
      const took = await timed(async () => {
        for (let number = 1; number <= messagesThere; number++)
          await client.command(command(name === 'MOVE' ? '1' : String(number), 0));
      });
      await client.logout();
      return (messagesThere * 1000) / took;
    },
  };
}

function allAtOnce({ name, command }: Change, value: number): Work {
  return {
    part: 'change',
    name: `${name} of ${messagesThere} at once`,
    unit: 'ms',
    needs: ['imap'],
    target: { kind: 'atMost', value },
    async run(bed) {
      const client = await filled(bed);
      const took: number[] = [];
      for (let turn = 0; turn < repeats; turn++) {
        took.push(await timed(() => client.command(command(`1:${messagesThere}`, turn))));
        if (name !== 'MOVE') continue;
        await client.command('SELECT other');
        await client.command(`MOVE 1:${messagesThere} INBOX`);
        await client.command('SELECT INBOX');
      }
      await client.logout();
      return median(took);
    },
  };
}

export const changeWorks: readonly Work[] = [
  append(1, 2),
  append(8, 5),
  oneByOne(store, 1),
  oneByOne(copy, 2),
  oneByOne(move, 4),
  allAtOnce(store, 5),
  allAtOnce(copy, 25),
  allAtOnce(move, 15),
];
