/** SENTBEFORE, SENTON and SENTSINCE: the day of the Date field as its sender wrote it. Without one, none matches. */
import { date } from '../../syntax/date-time.ts';
import { searchRfcs, type SearchKey } from '../search-key.ts';

export const sentDateKeys: readonly SearchKey[] = [
  sentDateKey('SENTBEFORE', (day, asked) => day < asked),
  sentDateKey('SENTON', (day, asked) => day === asked),
  sentDateKey('SENTSINCE', (day, asked) => day >= asked),
];

function sentDateKey(name: string, matches: (day: number, asked: number) => boolean): SearchKey {
  return {
    name,
    rfcs: searchRfcs,
    parse(args) {
      args.space();
      const asked = date(args);
      if (asked === undefined) return undefined;
      return {
        stage: 'index',
        matches(message) {
          const day = message.sentDay();
          return day === undefined ? undefined : day !== null && matches(day, asked);
        },
      };
    },
  };
}
