/** Dates as mail writes them: RFC 5322 sections 3.3 and 4.3, IMAP's INTERNALDATE, and mbox's `From ` line (asctime). */
import { messageLimits } from './limits.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const msPerMinute = 60_000;
const msPerDay = 24 * 60 * msPerMinute;

/** A moment, and the zone it was written in. */
export interface MailDate {
  /** Milliseconds since 1970, UTC. */
  readonly ms: number;
  /** East of Greenwich; 0 too where the zone is unknown (`-0000`, military letters: RFC 5322 section 4.3). */
  readonly offsetMinutes: number;
}

/** Zones by name, in minutes (RFC 5322 section 4.3). */
const zones: Readonly<Record<string, number>> = {
  UT: 0,
  GMT: 0,
  UTC: 0,
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
};

const dateTime =
  /^(?:[A-Za-z]+ ?,? ?)?(\d{1,2})[ -]([A-Za-z]{3})[A-Za-z]*[ -](\d{2,5}),? (\d{1,2}) ?[:.] ?(\d{2})(?: ?[:.] ?(\d{2})(?:\.\d+)?)?(?: ?([+-]\d{4}|[A-Za-z]+))?/;

/** A Date field's value; obsolete forms and common mistakes are read too. undefined where it is no date. */
export function parseDate(value: string): MailDate | undefined {
  if (value.length > messageLimits.maxDateCharacters) return undefined;
  const match = dateTime.exec(withoutComments(value));
  if (match === null) return undefined;
  const [, day = '', month = '', year = '', hours = '', minutes = '', seconds = '0', zone = ''] = match;
  return moment({ day, month, year: fullYear(year), hours, minutes, seconds, zone });
}

/** Comments may nest; runs of white space become one space. */
function withoutComments(value: string): string {
  let depth = 0;
  let text = '';
  for (const character of value) {
    if (character === '(') depth += 1;
    else if (character === ')') depth = Math.max(0, depth - 1);
    else if (depth === 0) text += character;
  }
  return text.replace(/[ \t\r\n]+/g, ' ').trim();
}

/** RFC 5322 section 4.3: two digits are 1950 to 2049, three are counted from 1900. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return digits.length === 3 ? 1900 + year : year;
}

interface DateParts {
  readonly day: string;
  readonly month: string;
  readonly year: number;
  readonly hours: string;
  readonly minutes: string;
  readonly seconds: string;
  readonly zone: string;
}

function moment({ day, month, year, hours, minutes, seconds, zone }: DateParts): MailDate | undefined {
  const monthIndex = months.findIndex((name) => name.toLowerCase() === month.toLowerCase());
  const offsetMinutes = zoneOffset(zone);
  if (monthIndex < 0 || offsetMinutes === undefined || year < 1900 || year > 9999) return undefined;
  // A leap second is read as the second after it.
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 60) return undefined;
  const dayMs = Date.UTC(year, monthIndex, Number(day));
  if (new Date(dayMs).getUTCDate() !== Number(day)) return undefined;
  const clockMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return { ms: dayMs + clockMs - offsetMinutes * msPerMinute, offsetMinutes };
}

function zoneOffset(zone: string): number | undefined {
  if (!/^[+-]/.test(zone)) return zones[zone.toUpperCase()] ?? 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  if (Number(zone.slice(3)) > 59) return undefined;
  return zone.startsWith('-') && minutes !== 0 ? -minutes : minutes;
}

/** The day as it was written, whatever the zone: its number since 1970-01-01 (IMAP's SENTON disregards time and zone). */
export function writtenDay({ ms, offsetMinutes }: MailDate): number {
  return Math.floor((ms + offsetMinutes * msPerMinute) / msPerDay);
}

const two = (value: number) => String(value).padStart(2, '0');

function parts({ ms, offsetMinutes }: MailDate) {
  const local = new Date(ms + offsetMinutes * msPerMinute);
  const away = Math.abs(offsetMinutes);
  return {
    weekday: weekdays[local.getUTCDay()] ?? '',
    day: local.getUTCDate(),
    month: months[local.getUTCMonth()] ?? '',
    year: String(local.getUTCFullYear()).padStart(4, '0'),
    time: `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`,
    zone: `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(away / 60))}${two(away % 60)}`,
  };
}

const inUtc = (ms: number): MailDate => ({ ms, offsetMinutes: 0 });

/** `Tue, 24 Nov 2026 02:21:11 +0000` (RFC 5322 section 3.3), for Date and trace fields. */
export function formatDate(date: MailDate | number): string {
  const { weekday, day, month, year, time, zone } = parts(typeof date === 'number' ? inUtc(date) : date);
  return `${weekday}, ${day} ${month} ${year} ${time} ${zone}`;
}

/** `24-Nov-2026 02:21:11 +0000`, the day two characters wide: IMAP's date-time (RFC 9051 section 9) without its quotes. */
export function formatInternalDate(date: MailDate | number): string {
  const { day, month, year, time, zone } = parts(typeof date === 'number' ? inUtc(date) : date);
  return `${String(day).padStart(2, ' ')}-${month}-${year} ${time} ${zone}`;
}

/** IMAP's date-time without its quotes, as APPEND gives it; undefined where it is none. */
export function parseInternalDate(text: string): MailDate | undefined {
  const match = /^([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d{2}):(\d{2}):(\d{2}) ([+-]\d{4})$/.exec(text);
  if (match === null) return undefined;
  const [, day = '', month = '', year = '', hours = '', minutes = '', seconds = '', zone = ''] = match;
  return moment({ day: day.trim(), month, year: Number(year), hours, minutes, seconds, zone });
}

/** `Tue Nov 24 02:21:11 2026`, in UTC: the date of mbox's `From ` line (RFC 4155). */
export function formatAsctime(ms: number): string {
  const { weekday, day, month, year, time } = parts(inUtc(ms));
  return `${weekday} ${month} ${String(day).padStart(2, ' ')} ${time} ${year}`;
}

const asctime =
  /^[A-Za-z]{3},? ([A-Za-z]{3}) (\d{1,2}) (\d{1,2}):(\d{2})(?::(\d{2}))?(?: ([A-Za-z]{2,5}|[+-]\d{4}))?(?: [A-Z]{3,5})? (\d{4})(?: ([+-]\d{4}|[A-Z]{2,5}))?$/;

/** An asctime date; seconds may be missing, a zone may stand before or after the year. Without one it is UTC. */
export function parseAsctime(text: string): MailDate | undefined {
  if (text.length > messageLimits.maxDateCharacters) return undefined;
  const match = asctime.exec(text.trim().replace(/ +/g, ' '));
  if (match === null) return undefined;
  const [, month = '', day = '', hours = '', minutes = '', seconds = '0', before, year = '', after] = match;
  return moment({ day, month, year: Number(year), hours, minutes, seconds, zone: after ?? before ?? '' });
}
