/** SEARCH in 10,000 messages of 10 KB, in a session that has searched before. */
import { ImapClient } from '../load/imap-client.ts';
import { median, standing, timed, type Work } from './work.ts';

const repeats = 5;

function search(criteria: string, times: number): Work {
  return {
    part: 'search',
    name: `SEARCH ${criteria.split(' ')[0]} over 10,000`,
    unit: 'ms',
    needs: ['imap'],
    target: { kind: 'times', times },
    standing: true,
    async run(bed) {
      const client = await ImapClient.login(bed.ports.imap ?? 0, standing.searched);
      await client.command('SELECT INBOX');
      await client.command(`SEARCH ${criteria}`);
      const took: number[] = [];
      for (let turn = 0; turn < repeats; turn++)
        took.push(await timed(() => client.command(`SEARCH ${criteria}`)));
      await client.logout();
      return median(took);
    },
  };
}

export const searchWorks: readonly Work[] = [
  search('UNSEEN', 1),
  search('FROM sender77', 2),
  search('SUBJECT harbour', 2),
  search('BODY "no such words anywhere"', 1),
  search('TEXT "no such words anywhere"', 1),
];
