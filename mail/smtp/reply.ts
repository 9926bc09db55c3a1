/**
 * Replies (RFC 5321 section 4.2): code, enhanced status code (RFC 2034, 3463, 5248) and text, all in one table. The
 * text says what happened and what to do next; it is ASCII, whatever the client sent.
 */
export interface Reply {
  readonly code: number;
  /** `2.1.0`; none in the greeting, EHLO, HELO and 3xx (RFC 2034 section 4). */
  readonly enhanced?: string;
  /** One or more. */
  readonly lines: readonly string[];
  /** Names what was refused, in log and metrics; there for 4xx and 5xx. */
  readonly reason?: string;
}

/** Section 4.5.3.1.5 allows 512 octets with code and CRLF. */
const maxTextOctets = 480;

/** The octets of a reply: `250-` on all lines but the last. */
export function formatReply({ code, enhanced, lines }: Reply): string {
  const prefix = enhanced === undefined ? '' : `${enhanced} `;
  return lines
    .map((line, index) => {
      const separator = index === lines.length - 1 ? ' ' : '-';
      return `${code}${separator}${printable(prefix + line, maxTextOctets)}\r\n`;
    })
    .join('');
}

/** Text for a reply: what is not printable ASCII becomes `?`, and it is cut to `maxOctets`. */
export function printable(text: string, maxOctets: number): string {
  return text.slice(0, maxOctets).replace(/[^\x20-\x7e]/g, '?');
}

function good(code: number, enhanced: string | undefined, ...lines: readonly string[]): Reply {
  return enhanced === undefined ? { code, lines } : { code, enhanced, lines };
}

/** `wire` is code and enhanced code; the text follows, a line each. */
function refused(reason: string, wire: string, ...lines: readonly string[]): Reply {
  return { code: Number(wire.slice(0, 3)), enhanced: wire.slice(4), lines, reason };
}

export const replies = {
  // What went well.
  greeting: (hostname: string) => good(220, undefined, `${hostname} ESMTP Posta`),
  helo: (hostname: string) => good(250, undefined, hostname),
  ehlo: (hostname: string, keywords: readonly string[]) => good(250, undefined, hostname, ...keywords),
  ok: good(250, '2.0.0', 'OK'),
  senderOk: good(250, '2.1.0', 'Sender OK'),
  recipientOk: good(250, '2.1.5', 'Recipient OK'),
  startData: good(354, undefined, 'Send the message, end it with <CRLF>.<CRLF>'),
  chunkTaken: (octets: number) => good(250, '2.0.0', `${octets} octets received`),
  queued: (id: string) => good(250, '2.0.0', `OK: queued as ${id}`),
  help: (lines: readonly string[]) => good(214, '2.0.0', ...lines),
  cannotVerify: good(252, '2.0.0', 'Not verified: send the message, RCPT says whether the address is known'),
  startTls: good(220, '2.0.0', 'Ready to start TLS'),
  challenge: (base64: string) => good(334, undefined, base64),
  authenticated: good(235, '2.7.0', 'Authenticated'),
  bye: good(221, '2.0.0', 'Bye'),

  // Commands that cannot be read.
  unknownCommand: refused('unknownCommand', '500 5.5.1', 'Command not recognized, HELP lists those that are'),
  badLine: (why: string) => refused('syntax', '500 5.5.2', `Not a command line: ${why}`),
  bareLineEnd: refused('bareLineEnd', '500 5.5.2', 'Lines end with CRLF: a bare CR or LF is refused'),
  lineTooLong: refused('lineTooLong', '500 5.5.2', 'Line too long'),
  badArguments: (why: string) => refused('syntax', '501 5.5.4', `Malformed arguments: ${why}`),
  binaryMimeNotOffered: refused(
    'notImplemented',
    '504 5.5.4',
    'BINARYMIME is not offered: send it as 8BITMIME or 7BIT',
  ),
  badReversePath: (why: string) => refused('syntax', '501 5.1.7', `Malformed sender: ${why}`),
  badForwardPath: (why: string) => refused('syntax', '501 5.1.3', `Malformed recipient: ${why}`),
  unknownParameter: (keyword: string) =>
    refused('unknownParameter', '555 5.5.4', `The parameter ${keyword.slice(0, 64)} is not supported here`),
  notImplemented: (why: string) => refused('notImplemented', '502 5.5.1', why),
  /** No bad command: a client that pipelines sends DATA before it knows that all recipients were refused (RFC 2920). */
  noRecipients: refused('noRecipients', '503 5.5.1', 'RCPT first: the message has no recipient yet'),
  sequence: (what: string) => refused('sequence', '503 5.5.1', what),

  // Addresses and sizes.
  utf8SenderUnannounced: refused(
    'utf8Unannounced',
    '553 5.6.7',
    'The sender is not ASCII: MAIL needs the parameter SMTPUTF8',
  ),
  utf8RecipientUnannounced: refused(
    'utf8Unannounced',
    '553 5.6.7',
    'The recipient is not ASCII: MAIL needs the parameter SMTPUTF8',
  ),
  tooLarge: (maxBytes: number) =>
    refused('tooLarge', '552 5.3.4', `Message too large: at most ${maxBytes} octets are taken`),
  tooManyRecipients: refused(
    'tooManyRecipients',
    '452 4.5.3',
    'Too many recipients: send the message to the others in another transaction',
  ),
  bareLineEndInData: refused(
    'bareLineEndInData',
    '554 5.6.0',
    'Message refused: a bare CR or LF in it, its lines must end with CRLF',
  ),

  // Authentication (RFC 4954) and TLS (RFC 3207).
  tlsFirst: refused('tlsFirst', '530 5.7.0', 'Must issue a STARTTLS command first'),
  encryptionFirst: refused(
    'encryptionFirst',
    '538 5.7.11',
    'No password without encryption: must issue a STARTTLS command first',
  ),
  authenticationFirst: refused('authenticationFirst', '530 5.7.0', 'Authentication required: use AUTH first'),
  unknownMechanism: (names: readonly string[]) =>
    refused('unknownMechanism', '504 5.5.4', `Mechanism not supported, use one of: ${names.join(' ')}`),
  notBase64: refused('authSyntax', '501 5.5.2', 'Cannot decode the response: it is not base64'),
  badResponse: refused('authSyntax', '501 5.5.2', 'The response does not follow the mechanism'),
  authLineTooLong: refused('lineTooLong', '500 5.5.6', 'Authentication exchange line is too long'),
  authCancelled: refused('authCancelled', '501 5.7.0', 'Authentication cancelled'),
  credentialsRefused: refused(
    'credentials',
    '535 5.7.8',
    'User name or password refused: user name is the whole address',
  ),
  authThrottled: (retryAfterMs: number) =>
    refused(
      'authThrottled',
      '454 4.7.0',
      `Too many failed attempts: try again in ${Math.max(1, Math.ceil(retryAfterMs / 1000))} seconds`,
    ),
  authUnavailable: refused('fault', '454 4.7.0', 'Temporary authentication failure: try again later'),

  // Faults, and the ends of sessions.
  fault: refused('fault', '451 4.3.0', 'Temporary fault on this server: try again later'),
  leaving: refused('leaving', '421 4.3.2', 'This server is going down: connect again'),
  accessLost: refused('accessLost', '421 4.7.0', 'The account changed: connect and authenticate again'),
  idle: refused('idle', '421 4.4.2', 'Nothing heard for too long: closing the connection'),
  tooSlow: refused('tooSlow', '421 4.4.2', 'The message takes too long: closing the connection'),
  tooManyBadCommands: refused('tooManyErrors', '421 4.7.0', 'Too many errors: closing the connection'),
  tooMuchRefused: refused(
    'tooManyErrors',
    '421 4.7.0',
    'More was announced than is read to be refused: closing the connection',
  ),
  tooManyAuthFailures: refused(
    'tooManyErrors',
    '421 4.7.0',
    'Too many failed attempts to authenticate: closing the connection',
  ),
  tooManyRefusedRecipients: refused(
    'tooManyErrors',
    '421 4.7.0',
    'Too many refused recipients: closing the connection',
  ),
  tooManyIdleCommands: refused(
    'tooManyErrors',
    '421 4.7.0',
    'Too many commands without a message: closing the connection',
  ),
  tooManyTransactions: refused(
    'tooManyTransactions',
    '421 4.7.0',
    'Too many messages in one session: connect again for the next',
  ),

  // What the host refuses; `refusal.ts` maps its kinds to these.
  senderNotOwn: refused(
    'senderNotOwn',
    '553 5.7.1',
    'The sender is not an address of the authenticated user',
  ),
  senderSuspended: refused('senderSuspended', '550 5.7.1', 'This account may not send: ask the postmaster'),
  unknownRecipient: refused('unknownRecipient', '550 5.1.1', 'No such mailbox here'),
  relayDenied: refused(
    'relayDenied',
    '550 5.7.1',
    'Relay access denied: the domain is not served here, users send by port 587 or 465',
  ),
  notRelayed: refused(
    'notRelayed',
    '550 5.1.2',
    'Mail is sent on to domain names only, not to address literals',
  ),
  recipientSuspended: refused('recipientSuspended', '550 5.2.1', 'The mailbox is disabled'),
  recipientRejects: (detail: string | undefined) =>
    refused('recipientRejects', '550 5.7.1', detail ?? 'The address takes no mail'),
  recipientNeedsUtf8: refused(
    'recipientNeedsUtf8',
    '553 5.6.7',
    'The recipient can be reached only with SMTPUTF8',
  ),
  onwardNotAscii: refused(
    'onwardNotAscii',
    '553 5.6.7',
    'Mail leaves this server by a way that takes no address with other letters than ASCII before the @',
  ),
  recipientSuppressed: refused(
    'recipientSuppressed',
    '550 5.7.1',
    'Earlier mail to this address came back for good, or was called junk: ask the postmaster to let it through',
  ),
  notForwarded: refused(
    'notForwarded',
    '550 5.7.1',
    'The address leads to another server, and mail of other senders cannot be sent on there',
  ),
  mailboxFull: refused('mailboxFull', '452 4.2.2', 'The mailbox is full: try again later'),
  mailboxTooSmall: refused(
    'mailboxFull',
    '552 5.2.3',
    'The message is larger than all that the mailbox may hold',
  ),
  tooManyHops: refused('tooManyHops', '554 5.4.6', 'Too many hops: the message is in a loop'),
  badMessage: (detail: string) => refused('badMessage', '554 5.6.0', `Message refused: ${detail}`),
  fromNotOwn: refused(
    'fromNotOwn',
    '550 5.7.1',
    "The From or Sender field names an address that is not the authenticated user's",
  ),
  policy: (detail: string) => refused('policy', '550 5.7.1', `Refused by policy: ${detail}`),
  storageFull: refused('storageFull', '452 4.3.1', 'No room on this server: try again later'),
  unavailable: refused('unavailable', '451 4.3.0', 'Temporarily not possible: try again later'),
} as const;
