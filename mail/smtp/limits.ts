/** Every limit and time-out of an SMTP session, in one table. */
import { maxSaslLineOctets } from '../wire/base64-line.ts';

export interface SmtpLimits {
  /** A command line with its CRLF. RFC 5321 section 4.5.3.1.4 asks for 512, extensions add up to 1,600 to MAIL and RCPT. */
  readonly commandLineBytes: number;
  /** A line of an AUTH exchange, RFC 4954 section 4.3; the AUTH command itself may be as long. */
  readonly authLineBytes: number;
  /** A message as it is stored, and what EHLO's SIZE says (RFC 1870). Twice as much is read of refused chunks, then `421`. */
  readonly messageBytes: number;
  /** Recipients of one message; section 4.5.3.1.8 asks for at least 100. The next is answered `452 4.5.3`. */
  readonly recipients: number;
  /** Messages in one session. */
  readonly transactions: number;
  /** AUTH exchanges that fail, before `421`. */
  readonly authFailures: number;
  /** Commands that are no commands, or malformed, or out of place, before `421`. */
  readonly badCommands: number;
  /** Commands between two accepted messages that send nothing (NOOP, RSET, VRFY, HELP, EHLO …), before `421`. */
  readonly idleCommands: number;
  /** Recipients refused for good without a pause; each one more waits `refusedRecipientPauseMs` (address harvesting). */
  readonly refusedRecipientsFree: number;
  readonly refusedRecipientPauseMs: number;
  /** Recipients refused for good in one session, before `421`, where they are more than those accepted. */
  readonly refusedRecipients: number;
  /** Silence between commands; section 4.5.3.2.7 asks for at least 5 minutes. */
  readonly commandIdleMs: number;
  /** Silence within a message; the client waits 3 minutes for a block, section 4.5.3.2.5. */
  readonly dataIdleMs: number;
  /** From DATA or the first BDAT to the end of the message, of a refused chunk too: ends clients that drip. */
  readonly messageMs: number;
}

/**
 * There is no limit on a message's text lines. Section 4.5.3.1.6 asks for 1,000 octets and names it a goal to have
 * none; mail with longer lines is everyday, it comes back exactly as it came, and no line is held in memory.
 */
export const smtpLimits: SmtpLimits = {
  commandLineBytes: 2_048,
  authLineBytes: maxSaslLineOctets,
  messageBytes: 50 * 1024 * 1024,
  recipients: 1_000,
  transactions: 1_000,
  authFailures: 3,
  badCommands: 20,
  idleCommands: 100,
  refusedRecipientsFree: 5,
  refusedRecipientPauseMs: 1_000,
  refusedRecipients: 50,
  commandIdleMs: 5 * 60_000,
  dataIdleMs: 5 * 60_000,
  messageMs: 2 * 60 * 60_000,
};
