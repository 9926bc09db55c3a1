/** What the log says of a message: its own lines, and those of the session that brought it. */
import type { KeptLine, KeptLog } from '../../mail/ports/kept-log.ts';

/** Lines of one message that are shown; a list of thousands that is tried for days has more. */
const maxLines = 5000;
/** Messages that one Message-ID names; more are not looked for. */
const maxMessages = 20;
/** How far from the message its session's lines are looked for. */
const longestSessionMs = 7 * 24 * 60 * 60_000;

export interface LinesOfMessage {
  /** In the order of time. */
  readonly lines: readonly KeptLine[];
  /** Whether there are more. */
  readonly cut: boolean;
}

/** Commands that only look. */
const lookingCommands: readonly unknown[] = ['message trace', 'queue list', 'queue show'];

/** All that was logged of a message, wherever its id stands, with its session. */
export async function linesOfMessage(keptLog: KeptLog, messageId: string): Promise<LinesOfMessage> {
  const own: KeptLine[] = [];
  // `subject` of the admin's commands; `notificationId` where this message tells what became of another.
  for await (const line of keptLog.find({
    fields: ['messageId', 'subject', 'notificationId'],
    value: messageId,
  })) {
    if (lookingCommands.includes(line.fields['command'])) continue;
    if (own.length === maxLines) return { lines: own, cut: true };
    own.push(line);
  }
  const arrival = own.find(isArrival);
  const session = arrival === undefined ? [] : await linesOfSession(keptLog, arrival);
  return { lines: [...session, ...own].toSorted(byTime), cut: false };
}

/** The ids of the messages whose Message-ID field says that, the first first. */
export async function messagesNamed(keptLog: KeptLog, msgId: string): Promise<readonly string[]> {
  const ids = new Set<string>();
  for await (const { fields } of keptLog.find({ fields: ['msgId'], value: msgId })) {
    if (typeof fields['messageId'] === 'string') ids.add(fields['messageId']);
    if (ids.size === maxMessages) break;
  }
  return [...ids];
}

function isArrival({ event }: KeptLine): boolean {
  return event === 'smtp.accepted' || event === 'imap.appended';
}

/**
 * How the session began and ended, and, of SMTP, what was said in it since the message before. Lines of other messages
 * are left out, and a session of another time with the same id is another.
 */
async function linesOfSession(keptLog: KeptLog, arrival: KeptLine): Promise<readonly KeptLine[]> {
  const { session, messageId } = arrival.fields;
  if (typeof session !== 'string') return [];
  const atMs = Date.parse(arrival.time);
  let frame: KeptLine[] = [];
  let sinceLast: KeptLine[] = [];
  let arrived = false;
  for await (const line of keptLog.find({
    fields: ['session', 'connection'],
    value: session,
    fromMs: atMs - longestSessionMs,
    toMs: atMs + longestSessionMs,
  })) {
    const { event, fields } = line;
    if (event.endsWith('.connected')) {
      if (arrived) break;
      frame = [line];
      sinceLast = [];
    } else if (isArrival(line) && fields['messageId'] === messageId) {
      frame.push(...sinceLast);
      arrived = true;
    } else if (endsMessage(line)) sinceLast = [];
    else if (arrived ? event.endsWith('.closed') : isIntroduction(event)) frame.push(line);
    else if (!arrived && event.startsWith('smtp.')) sinceLast.push(line);
  }
  return arrived ? frame : [];
}

/** Of another one. */
function endsMessage({ event, fields }: KeptLine): boolean {
  return fields['messageId'] !== undefined || event === 'smtp.message.refused';
}

function isIntroduction(event: string): boolean {
  return /\.(?:authenticated|loggedIn|client)$/.test(event);
}

/** Times of the same length and zone are in the order of their text. */
function byTime(one: KeptLine, other: KeptLine): number {
  return one.time < other.time ? -1 : one.time > other.time ? 1 : 0;
}
