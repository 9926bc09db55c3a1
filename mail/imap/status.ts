/**
 * Status responses (RFC 3501 section 7.1): status, response code (there, RFC 5530, RFC 9051 section 7.1) and text, all in
 * one table. The text says what happened and what to do next; it is ASCII and English, whatever the client sent.
 */

export type Status =
  | { readonly status: 'OK'; readonly code?: string; readonly text: string }
  | {
      readonly status: 'NO' | 'BAD';
      readonly code?: string;
      readonly text: string;
      /** Names what was refused, in log and metrics. */
      readonly reason: string;
    };

/** `OK [CODE] text`, without a tag and CRLF. */
export function formatStatus({ status, code, text }: Status): string {
  return `${status} ${code === undefined ? '' : `[${code}] `}${printable(text)}`;
}

const maxTextOctets = 400;

/** Text for a response: what is not printable ASCII becomes `?`. */
function printable(text: string): string {
  return text.slice(0, maxTextOctets).replace(/[^\x20-\x7e]/g, '?');
}

function no(reason: string, code: string | undefined, text: string): Status {
  return { status: 'NO', reason, text, ...(code === undefined ? {} : { code }) };
}

function bad(reason: string, text: string, code?: string): Status {
  return { status: 'BAD', reason, text, ...(code === undefined ? {} : { code }) };
}

/** What went well: `SELECT completed`. */
export function completed(command: string, code?: string): Status {
  return { status: 'OK', text: `${command} completed`, ...(code === undefined ? {} : { code }) };
}

export const statuses = {
  // Commands that cannot be read.
  noTag: bad('syntax', 'A command begins with a tag and a space'),
  unknownCommand: bad('unknownCommand', 'Unknown command: CAPABILITY says what is offered'),
  syntax: (command: string, why: string) => bad('syntax', `${command}: ${why}`),
  wrongState: (command: string, why: string) => bad('sequence', `${command}: ${why}`),
  noSuchNumber: (count: number) =>
    bad('noSuchMessage', `No such message: the mailbox has ${count}, numbered from 1`),
  commandTooLarge: bad('commandTooLarge', 'The command is too large: send it in parts', 'TOOBIG'),

  // Logging in (RFC 3501 section 6.2) and TLS.
  encryptionFirst: no(
    'encryptionFirst',
    'PRIVACYREQUIRED',
    'No password without encryption: use STARTTLS first',
  ),
  unknownMechanism: (names: readonly string[]) =>
    no('unknownMechanism', undefined, `Mechanism not supported, use one of: ${names.join(' ')}`),
  notBase64: bad('authSyntax', 'Cannot decode the response: it is not base64'),
  badResponse: bad('authSyntax', 'The response does not follow the mechanism'),
  authLineTooLong: bad('authSyntax', 'The response is too long'),
  authCancelled: bad('authCancelled', 'Authentication cancelled'),
  credentialsRefused: no(
    'credentials',
    'AUTHENTICATIONFAILED',
    'User name or password refused: user name is the whole address',
  ),
  authThrottled: (retryAfterMs: number) =>
    no(
      'authThrottled',
      'LIMIT',
      `Too many failed attempts: try again in ${Math.max(1, Math.ceil(retryAfterMs / 1000))} seconds`,
    ),
  tlsUnavailable: bad('notImplemented', 'STARTTLS is not available here'),
  secured: bad('sequence', 'The connection is secured already'),

  // Mailboxes.
  noSuchMailbox: no('noSuchMailbox', 'NONEXISTENT', 'No such mailbox: LIST shows those that are there'),
  tryCreate: no('noSuchMailbox', 'TRYCREATE', 'No such mailbox: CREATE it first'),
  mailboxExists: no('mailboxExists', 'ALREADYEXISTS', 'A mailbox of that name is there already'),
  badMailboxName: no(
    'badMailboxName',
    'CANNOT',
    'No mailbox can have that name: levels stand between slashes, none empty, 255 octets each, 1000 in all',
  ),
  notAllowed: no('notAllowed', 'CANNOT', 'That cannot be done with this mailbox'),
  inboxStays: no('notAllowed', 'CANNOT', 'INBOX cannot be deleted: new mail comes there'),
  belowItself: no('notAllowed', 'CANNOT', 'A mailbox cannot be moved below itself'),
  hasChildren: no('hasChildren', 'HASCHILDREN', 'Other mailboxes are below it: delete those first'),
  useTaken: no('useTaken', 'USEATTR', 'Another mailbox has that special use: delete it or use it'),
  useUnknown: no(
    'useUnknown',
    'USEATTR',
    'A mailbox can be Archive, Drafts, Junk, Sent or Trash, one of them',
  ),
  tooManyMailboxes: no('limit', 'LIMIT', 'The account has as many mailboxes as it may: delete some first'),
  tooManySubscriptions: no('limit', 'LIMIT', 'The account has as many subscriptions as it may'),
  readOnly: no('readOnly', 'READ-ONLY', 'The mailbox is open read-only: SELECT it to change it'),

  // Messages.
  overQuota: no('overQuota', 'OVERQUOTA', 'The account has no room for it: delete some messages first'),
  tooManyKeywords: no('limit', 'LIMIT', 'The mailbox has as many keywords as it may: use those of FLAGS'),
  badKeyword: bad('badKeyword', 'A keyword is an atom of at most 64 octets'),
  tooManyMessages: no('limit', 'LIMIT', 'Too many messages at once: send the command in parts'),
  messageTooLarge: (maxBytes: number) =>
    no('messageTooLarge', 'TOOBIG', `A message may have ${maxBytes} octets at most`),
  emptyMessage: no('emptyMessage', 'CANNOT', 'A message has at least one octet'),
  expungeIssued: no('expungeIssued', 'EXPUNGEISSUED', 'Some of these messages no longer exist'),
  badCharset: no('badCharset', 'BADCHARSET (US-ASCII UTF-8)', 'That charset is not known here: use UTF-8'),

  // Faults.
  fault: no('fault', 'UNAVAILABLE', 'Temporary fault on this server: try again later'),
  unreadable: no('unreadable', 'SERVERBUG', 'Some messages cannot be read: ask the postmaster'),
} as const;

/** How a session ends by the server's own will (`* BYE`); `reason` names it in log and metrics. */
export interface Farewell {
  readonly reason: string;
  readonly code?: string;
  readonly text: string;
}

export const farewells = {
  logout: { reason: 'logout', text: 'Logging out' },
  idle: { reason: 'idle', text: 'Nothing was heard for too long: connect again' },
  leaving: { reason: 'leaving', code: 'UNAVAILABLE', text: 'This server is going down: connect again' },
  accessLost: { reason: 'accessLost', text: 'The account changed: connect and log in again' },
  mailboxDeleted: {
    reason: 'mailboxDeleted',
    text: 'The selected mailbox was deleted or has moved: connect again',
  },
  lineTooLong: { reason: 'lineTooLong', code: 'TOOBIG', text: 'The line is too long' },
  tooManyBadCommands: { reason: 'tooManyErrors', text: 'Too many errors' },
  tooManyAuthFailures: { reason: 'tooManyErrors', text: 'Too many failed attempts to log in' },
  fault: {
    reason: 'fault',
    code: 'UNAVAILABLE',
    text: 'Temporary fault on this server: connect again later',
  },
} as const satisfies Readonly<Record<string, Farewell>>;
