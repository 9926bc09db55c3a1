/** BEFORE, ON and SINCE: the day of the internal date, in UTC, as INTERNALDATE is sent. */
import { date } from '../../syntax/date-time.ts';
import { byRecord, searchRfcs, type SearchKey } from '../search-key.ts';

const secondsPerDay = 24 * 60 * 60;

export const internalDateKeys: readonly SearchKey[] = [
  internalDateKey('BEFORE', (day, asked) => day < asked),
  internalDateKey('ON', (day, asked) => day === asked),
  internalDateKey('SINCE', (day, asked) => day >= asked),
];

function internalDateKey(name: string, matches: (day: number, asked: number) => boolean): SearchKey {
  return {
    name,
    rfcs: searchRfcs,
    parse(args) {
      args.space();
      const asked = date(args);
      if (asked === undefined) return undefined;
      return byRecord(({ record }) => matches(Math.floor(record.internalDateSeconds / secondsPerDay), asked));
    },
  };
}
