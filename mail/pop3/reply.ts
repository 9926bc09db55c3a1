/**
 * Replies (RFC 1939 section 3): status, response code (RFC 2449 section 8, RFC 3206) and text, all in one table. The
 * text says what happened and what to do next; it is ASCII and English, whatever the client sent (`languages.ts`).
 */

/**
 * - `AUTH`: the credentials, or sending them here and now, are at fault (RFC 3206 section 5).
 * - `SYS/TEMP`, `SYS/PERM`: the server is, and trying again may help or will not (RFC 3206 section 4).
 * - `IN-USE`: another session holds the maildrop (RFC 2449 section 8.1.1).
 * - `LOGIN-DELAY`: too early to log in again (section 8.1.2).
 * - `UTF8`: what should be UTF-8 is not (RFC 6856 section 5).
 */
export type ResponseCode = 'AUTH' | 'SYS/TEMP' | 'SYS/PERM' | 'IN-USE' | 'LOGIN-DELAY' | 'UTF8';

export type Reply =
  | { readonly kind: 'ok'; readonly text: string }
  /** The challenge of a SASL exchange (RFC 5034 section 4). */
  | { readonly kind: 'continue'; readonly text: string }
  | {
      readonly kind: 'err';
      readonly text: string;
      readonly code?: ResponseCode;
      /** Names what was refused, in log and metrics. */
      readonly reason: string;
    };

/** RFC 1939 section 3 allows 512 octets with status, code and CRLF. */
const maxTextOctets = 480;

/** The octets of a reply's first line. A challenge is base64 and may be longer. */
export function formatReply(reply: Reply): string {
  switch (reply.kind) {
    case 'ok':
      return `${`+OK ${printable(reply.text, maxTextOctets)}`.trimEnd()}\r\n`;
    case 'continue':
      return `+ ${reply.text}\r\n`;
    case 'err': {
      const code = reply.code === undefined ? '' : `[${reply.code}] `;
      return `-ERR ${code}${printable(reply.text, maxTextOctets)}\r\n`;
    }
    default:
      return reply satisfies never;
  }
}

/** Text for a reply: what is not printable ASCII becomes `?`, and it is cut to `maxOctets`. */
export function printable(text: string, maxOctets: number): string {
  return text.slice(0, maxOctets).replace(/[^\x20-\x7e]/g, '?');
}

function ok(text: string): Reply {
  return { kind: 'ok', text };
}

/** A refusal with no response code. */
function err(reason: string, text: string): Reply {
  return { kind: 'err', reason, text };
}

function coded(code: ResponseCode, reason: string, text: string): Reply {
  return { kind: 'err', code, reason, text };
}

/** `2 messages (320 octets)`. */
function held(messages: number, octets: number): string {
  return `${messages} ${messages === 1 ? 'message' : 'messages'} (${octets} octets)`;
}

export const replies = {
  // What went well.
  // Nothing in angle brackets: that would offer APOP (RFC 1939 section 7).
  greeting: ok('Posta POP3 server ready'),
  capabilities: ok('Capability list follows'),
  languages: ok('Language listing follows'),
  mechanisms: ok('Mechanisms follow'),
  language: (tag: string, text: string) => ok(`${tag} ${text}`),
  utf8: ok('UTF-8 enabled'),
  startTls: ok('Begin TLS negotiation'),
  user: ok('Send the password with PASS'),
  challenge: (base64: string): Reply => ({ kind: 'continue', text: base64 }),
  loggedIn: (messages: number, octets: number) => ok(`The maildrop has ${held(messages, octets)}`),
  stat: (messages: number, octets: number) => ok(`${messages} ${octets}`),
  /** LIST of all, and RSET. */
  holds: (messages: number, octets: number) => ok(held(messages, octets)),
  /** LIST and UIDL of one. */
  line: (text: string) => ok(text),
  uniqueIds: ok('Unique-id listing follows'),
  message: (octets: number) => ok(`${octets} octets`),
  top: ok('Top of message follows'),
  deleted: (number: number) => ok(`Message ${number} deleted`),
  nothing: ok(''),
  bye: ok('Bye'),

  // Commands that cannot be read.
  unknownCommand: err('unknownCommand', 'Unknown command: CAPA says what is offered'),
  badLine: (why: string) => err('syntax', `Not a command line: ${why}`),
  notUtf8: coded('UTF8', 'syntax', 'Not a command line: neither ASCII nor UTF-8'),
  lineTooLong: err('lineTooLong', 'Line too long'),
  badArguments: (why: string) => err('syntax', `Malformed arguments: ${why}`),
  sequence: (what: string) => err('sequence', what),

  // Messages.
  noSuchMessage: (count: number) =>
    err('noSuchMessage', `No such message: the maildrop has ${count}, numbered from 1`),
  messageDeleted: (number: number) =>
    err('messageDeleted', `Message ${number} is deleted; RSET would bring it back`),

  // Logging in (RFC 1939 section 7, RFC 5034) and TLS (RFC 2595).
  encryptionFirst: coded('AUTH', 'encryptionFirst', 'No password without encryption: use STLS first'),
  unknownMechanism: (names: readonly string[]) =>
    err('unknownMechanism', `Mechanism not supported, use one of: ${names.join(' ')}`),
  notBase64: err('authSyntax', 'Cannot decode the response: it is not base64'),
  badResponse: err('authSyntax', 'The response does not follow the mechanism'),
  authLineTooLong: err('lineTooLong', 'Authentication exchange line is too long'),
  authCancelled: err('authCancelled', 'Authentication cancelled'),
  credentialsRefused: coded(
    'AUTH',
    'credentials',
    'User name or password refused: user name is the whole address',
  ),
  authThrottled: (retryAfterMs: number) =>
    coded(
      'LOGIN-DELAY',
      'authThrottled',
      `Too many failed attempts: try again in ${Math.max(1, Math.ceil(retryAfterMs / 1000))} seconds`,
    ),
  inUse: coded('IN-USE', 'inUse', 'Another session has the maildrop open: try again when it has ended'),
  noMaildrop: coded('SYS/PERM', 'noMaildrop', 'The account has no maildrop: ask the postmaster'),
  tlsUnavailable: err('notImplemented', 'STLS is not available here'),
  unknownLanguage: (range: string) =>
    err('unknownLanguage', `Language ${printable(range, 64)} is not available: LANG lists those that are`),

  // Faults, and the ends of sessions.
  fault: coded('SYS/TEMP', 'fault', 'Temporary fault on this server: try again later'),
  notAllRemoved: coded('SYS/TEMP', 'notAllRemoved', 'some deleted messages not removed'),
  leaving: coded('SYS/TEMP', 'leaving', 'This server is going down: connect again'),
  accessLost: coded('AUTH', 'accessLost', 'The account changed: connect and log in again'),
  tooManyBadCommands: err('tooManyErrors', 'Too many errors: closing the connection'),
  tooManyAuthFailures: coded(
    'AUTH',
    'tooManyErrors',
    'Too many failed attempts to log in: closing the connection',
  ),
} as const;
