/** Reading a mailbox of 100,000 messages, warm and cold: cold is the first session on it after the server has started. */
import { ImapClient } from '../load/imap-client.ts';
import { seeded } from '../load/messages.ts';
import { median, standing, timed, type Bed, type Target, type Work } from './work.ts';

const repeats = 5;
const fields = 'ENVELOPE INTERNALDATE RFC822.SIZE';

function selected(bed: Bed, user: number): Promise<ImapClient> {
  return ImapClient.login(bed.ports.imap ?? 0, user).then(async (client) => {
    await client.command('SELECT INBOX');
    return client;
  });
}

function large(
  name: string,
  options: {
    readonly target: Target;
    readonly unit?: '/s';
    readonly run: (bed: Bed) => Promise<number>;
  },
): Work {
  const { target, unit = 'ms', run } = options;
  return { part: 'large', name, unit, needs: ['imap'], target, standing: true, run };
}

/** The median of five, in a session that has the mailbox open. */
async function again(bed: Bed, command: string): Promise<number> {
  const client = await selected(bed, standing.large);
  await client.command(command);
  const took: number[] = [];
  for (let turn = 0; turn < repeats; turn++) took.push(await timed(() => client.command(command)));
  await client.logout();
  return median(took);
}

/** The cold ones come first: they restart the server, and nobody has read these envelopes since the messages came. */
export const largeWorks: readonly Work[] = [
  large('SELECT of 100,000 messages, cold', {
    target: { kind: 'atMost', value: 100 },
    async run(bed) {
      await bed.restart();
      const client = await ImapClient.login(bed.ports.imap ?? 0, standing.large);
      const took = await timed(() => client.command('SELECT INBOX'));
      await client.logout();
      return took;
    },
  }),
  large(`UID FETCH 1:* (${fields}) of 100,000, cold`, {
    target: { kind: 'times', times: 8 },
    async run(bed) {
      await bed.restart();
      const client = await selected(bed, standing.large);
      const took = await timed(() => client.command(`UID FETCH 1:* (${fields})`));
      await client.logout();
      return took;
    },
  }),
  large('SELECT of 100,000 messages, warm', {
    target: { kind: 'atMost', value: 1.5 },
    async run(bed) {
      const client = await selected(bed, standing.large);
      const took: number[] = [];
      for (let turn = 0; turn < 20; turn++) took.push(await timed(() => client.command('SELECT INBOX')));
      await client.logout();
      return median(took);
    },
  }),
  large('UID FETCH 1:* (FLAGS) of 100,000, warm', {
    target: { kind: 'times', times: 2 },
    run: (bed) => again(bed, 'UID FETCH 1:* (FLAGS)'),
  }),
  large(`UID FETCH 1:* (${fields}) of 100,000, warm`, {
    target: { kind: 'times', times: 4 },
    run: (bed) => again(bed, `UID FETCH 1:* (${fields})`),
  }),
  large('BODY.PEEK[] of random messages of 10 KB, one by one', {
    target: { kind: 'times', times: 1.5 },
    unit: '/s',
    async run(bed) {
      const client = await selected(bed, standing.read);
      const random = seeded(5);
      const count = 1000;
      const took = await timed(async () => {
        for (let turn = 0; turn < count; turn++)
          await client.command(`FETCH ${1 + (random() % 1000)} BODY.PEEK[]`);
      });
      await client.logout();
      return (count * 1000) / took;
    },
  }),
];
