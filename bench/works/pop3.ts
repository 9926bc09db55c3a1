/** RETR of a maildrop of 1,000 messages of 10 KB. */
import { Pop3Client } from '../load/pop3-client.ts';
import { standing, timed, type Bed, type Work } from './work.ts';

const count = 1000;

async function retrieved(bed: Bed, retrieve: (client: Pop3Client) => Promise<void>): Promise<number> {
  const client = await Pop3Client.login(bed.ports.pop3 ?? 0, standing.read);
  const took = await timed(() => retrieve(client));
  await client.quit();
  return (count * 1000) / took;
}

export const pop3Works: readonly Work[] = [
  {
    part: 'pop3',
    name: 'POP3 RETR of 1,000, one by one',
    unit: '/s',
    needs: ['pop3'],
    target: { kind: 'times', times: 1.3 },
    standing: true,
    run: (bed) =>
      retrieved(bed, async (client) => {
        for (let number = 1; number <= count; number++) await client.retrieve(number);
      }),
  },
  {
    part: 'pop3',
    name: 'POP3 RETR of 1,000, pipelined',
    unit: '/s',
    needs: ['pop3'],
    target: { kind: 'times', times: 1.3 },
    standing: true,
    run: (bed) => retrieved(bed, (client) => client.retrievePipelined(count)),
  },
];
