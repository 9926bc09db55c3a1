/** date-time and date (RFC 3501 section 9). */
import type { Scanner } from './scanner.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const dateTimePattern = /"((?: \d|\d\d)-[A-Za-z]{3}-\d{4} \d{2}:\d{2}:\d{2} [+-]\d{4})"/y;
const datePattern = /(\d{1,2}-[A-Za-z]{3}-\d{4})/y;
const dayMs = 24 * 60 * 60_000;
const daySeconds = dayMs / 1000;

/** `"17-Jul-1996 02:44:25 -0700"`: the moment. */
export function dateTime(args: Scanner): Date | undefined {
  const what = 'a date like "17-Jul-1996 02:44:25 -0700"';
  const text = args.take(dateTimePattern, what);
  if (text === undefined) return undefined;
  const day = dayOf(text.slice(0, 11));
  const [hours = 0, minutes = 0, seconds = 0] = text.slice(12, 20).split(':').map(Number);
  const zone = Number(text.slice(22, 24)) * 60 + Number(text.slice(24, 26));
  if (day === undefined || hours > 23 || minutes > 59 || seconds > 60) return args.fail(what);
  const local = day + ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return new Date(local - (text[21] === '-' ? -zone : zone) * 60_000);
}

/** `1-Feb-1994`, perhaps in quotes: the day's number since 1970-01-01. */
export function date(args: Scanner): number | undefined {
  const what = 'a date like 1-Feb-1994';
  const quoted = args.accept('"');
  const text = args.take(datePattern, what);
  if (quoted) args.expect('"');
  const ms = text === undefined ? undefined : dayOf(text);
  return ms === undefined ? args.fail(what) : ms / dayMs;
}

/** Midnight of `d-Mon-yyyy`, in milliseconds; undefined where there is no such day. */
function dayOf(text: string): number | undefined {
  const [day = '', name = '', year = ''] = text.trim().split('-');
  const month = months.findIndex((each) => each.toLowerCase() === name.toLowerCase());
  if (month < 0) return undefined;
  const midnight = new Date(0);
  midnight.setUTCFullYear(Number(year), month, Number(day));
  return midnight.getUTCMonth() === month && midnight.getUTCDate() === Number(day)
    ? midnight.getTime()
    : undefined;
}

/** INTERNALDATE as it is sent, in UTC: `"17-Jul-1996 09:44:25 +0000"`. */
export function formatDateTime(seconds: number): string {
  const day = Math.floor(seconds / daySeconds);
  const ofDay = seconds - day * daySeconds;
  const minutes = Math.floor(ofDay / 60);
  const time = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(ofDay - minutes * 60)}`;
  return `"${formatDay(day)} ${time} +0000"`;
}

/** `17-Jul-1996`, of a day since 1970-01-01. */
function formatDay(number: number): string {
  const moment = new Date(number * dayMs);
  const day = String(moment.getUTCDate()).padStart(2, ' ');
  const year = String(moment.getUTCFullYear()).padStart(4, '0');
  return `${day}-${months[moment.getUTCMonth()]}-${year}`;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : `${number}`;
}
