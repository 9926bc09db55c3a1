/** BEFORE, ON and SINCE: the day of the internal date, in UTC, as INTERNALDATE is sent. */
import { byRecord } from '../search-key.ts';
import { dayKeys } from './day-keys.ts';

const secondsPerDay = 24 * 60 * 60;

export const internalDateKeys = dayKeys('', (isAsked) =>
  byRecord(({ record }) => isAsked(Math.floor(record.internalDateSeconds / secondsPerDay))),
);
