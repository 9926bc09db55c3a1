/** BEFORE, ON and SINCE, of one of a message's two days. */
import { date } from '../../syntax/date-time.ts';
import { searchRfcs, type Criterion, type SearchKey } from '../search-key.ts';

/** Whether a day, counted from 1970-01-01, is one of those asked for. */
export type IsAskedDay = (day: number) => boolean;

/** The three keys, their names begun with `prefix`. */
export function dayKeys(
  prefix: '' | 'SENT',
  criterionOf: (isAsked: IsAskedDay) => Criterion,
): readonly SearchKey[] {
  return [
    dayKey('BEFORE', (day, asked) => day < asked),
    dayKey('ON', (day, asked) => day === asked),
    dayKey('SINCE', (day, asked) => day >= asked),
  ];

  function dayKey(name: string, matches: (day: number, asked: number) => boolean): SearchKey {
    return {
      name: prefix + name,
      rfcs: searchRfcs,
      parse(args) {
        args.space();
        const asked = date(args);
        return asked === undefined ? undefined : criterionOf((day) => matches(day, asked));
      },
    };
  }
}
