/** The part of a notification for people: what happened, to whom, and what to do. */
import { formatDate } from '../message/date.ts';
import { asksFor, type Action, type RecipientReport } from './report.ts';

/** How much of the message comes back; `tooLarge`: less than its sender asked for. */
export type ReturnedAmount = 'message' | 'header' | 'tooLarge' | 'nothing';

export interface TextOptions {
  readonly action: Action;
  readonly messageId: string;
  readonly arrivedAt: Date;
  /** Of that action. */
  readonly reports: readonly RecipientReport[];
  readonly returned: ReturnedAmount;
}

interface Words {
  readonly subject: string;
  /** Goes on after "Your message of …". */
  readonly opening: string;
}

const words: Readonly<Record<Action, Words>> = {
  failed: {
    subject: 'Not delivered: your message could not reach a recipient',
    opening: 'was accepted here, but it could not be delivered to:',
  },
  delayed: {
    subject: 'Delayed: your message is still on its way',
    opening: 'could not be delivered yet to:',
  },
  delivered: {
    subject: 'Delivered: your message has arrived',
    opening: 'was delivered to:',
  },
  relayed: {
    subject: 'Handed on: your message has left this server',
    opening: 'was handed on to the next server, for:',
  },
  expanded: {
    subject: 'Passed on: your message went to several recipients behind one address',
    opening: 'was passed on to all recipients behind:',
  },
};

/** The notification's Subject. */
export function subjectOf(action: Action): string {
  return words[action].subject;
}

/** The text, its lines ended with CRLF and of at most 998 octets. */
export function notificationText(options: TextOptions): string {
  const { action, messageId, arrivedAt, reports, returned } = options;
  const paragraphs = [
    wrapped(`Your message of ${formatDate(arrivedAt.getTime())} ${words[action].opening}`),
    ...reports.map(aboutRecipient),
    ...closing(options).map((text) => wrapped(text)),
    wrapped(`${attached[returned]} The administrator of this server finds it by its id, ${messageId}.`),
  ];
  return paragraphs.map((lines) => lines.map((line) => `${line}\r\n`).join('')).join('\r\n');
}

function aboutRecipient({ recipient, orcpt, text, status, reply, remote }: RecipientReport): string[] {
  const same = orcpt === undefined || orcpt.address.toLowerCase() === recipient.toLowerCase();
  const first = same ? recipient : `${recipient} (you wrote to ${orcpt.address})`;
  const said = remote === undefined ? 'The other server said:' : `${remote} said:`;
  return [
    `  ${first}`,
    ...wrapped(`${text} (${status})`, '    '),
    ...(reply === undefined ? [] : wrapped(`${said} ${reply.slice(0, maxReplyCharacters)}`, '    ')),
  ];
}

const maxReplyCharacters = 1000;

function closing({ action, reports }: TextOptions): readonly string[] {
  switch (action) {
    case 'failed':
      return [
        'This is about the addresses above only; the others, if there were any, are not affected.',
        'It is not tried any more: if it still matters, mend what is named above and send it again.',
      ];
    case 'delayed':
      return [`You need not do anything. ${untilWhen(reports)}`];
    case 'delivered':
      return ['This does not say that anyone has read it.'];
    case 'relayed':
      return [
        'The next server does not confirm deliveries: unless it fails, this is the last that you hear of it.',
      ];
    case 'expanded':
      return ['You are not told of the delivery to each of them.'];
    default:
      return action satisfies never;
  }
}

function untilWhen(reports: readonly RecipientReport[]): string {
  const times = reports.flatMap(({ willRetryUntil }) => willRetryUntil?.getTime() ?? []);
  const until = times.length === 0 ? '' : ` until ${formatDate(Math.max(...times))}`;
  const told = reports.every((report) => asksFor(report, 'failed')) ? ', and tells you if it gives up' : '';
  return `This server goes on trying${until}${told}.`;
}

const attached: Readonly<Record<ReturnedAmount, string>> = {
  message: 'Your message is attached.',
  header: 'The header of your message is attached.',
  tooLarge: 'Your message is too large to come back whole; its header is attached.',
  nothing: 'Your message itself can no longer be read.',
};

const lineCharacters = 76;
/** At most 800 octets: of a word that is longer than any line. */
const maxWordCharacters = 200;

/** Filled to lines of 76 characters, but for longer words. */
function wrapped(text: string, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/[\s\x00-\x1f\x7f]+/).flatMap(cut)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + longer.length > lineCharacters) {
      lines.push(indent + line);
      line = word;
    } else line = longer;
  }
  return [...lines, indent + line];
}

function cut(word: string): readonly string[] {
  return word.length <= maxWordCharacters ? [word] : (word.match(/.{1,200}/gsu) ?? []);
}
