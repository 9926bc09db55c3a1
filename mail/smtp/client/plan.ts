/** How a message can go to a server that offers just this: what is said, what is converted, and what cannot go at all. */
import type { RecipientOutcome, Transmission } from '../../ports/next-hop.ts';
import { mailCommand, pathOf, rcptCommand, type Path } from './commands.ts';
import { findEightBit, withCleanLineEnds, type EightBit } from './content.ts';
import type { Extensions } from './extensions.ts';
import type { ToSevenBit } from './options.ts';
import { impossible } from './outcome.ts';

export interface Plan {
  /** MAIL's command, without CRLF. */
  readonly mail: string;
  /** RCPT's commands; `at` is the recipient's place in the transmission. */
  readonly recipients: readonly { readonly at: number; readonly command: string }[];
  /** By place: those that cannot go to this server; nobody is asked for them. */
  readonly refused: ReadonlyMap<number, RecipientOutcome>;
  /** By BDAT instead of DATA. */
  readonly chunked: boolean;
  /** The message as it goes out, before dots are doubled. */
  content(): AsyncIterable<Uint8Array>;
}

export interface PlanOptions {
  readonly extensions: Extensions;
  readonly toSevenBit: ToSevenBit | undefined;
  /** The server, for people. */
  readonly remote: string;
  readonly chunkOctets: number;
}

interface Refusal {
  readonly status: string;
  readonly text: string;
}

const nullPath: Path = { text: '', needsUtf8: false };
const noSmtpUtf8: Refusal = {
  status: '5.6.7',
  text: 'The address or the header is not ASCII, and the server does not take that: it offers no SMTPUTF8',
};

/** Reads the message where that decides something. Rejects when it cannot be read. */
export async function planTransmission(transmission: Transmission, options: PlanOptions): Promise<Plan> {
  const { extensions, toSevenBit } = options;
  const sender = transmission.reversePath === null ? nullPath : pathOf(transmission.reversePath);
  const eightBit = await findWhatMatters(transmission, extensions);
  const mustConvert = !extensions.eightBitMime && (eightBit.header || eightBit.body);
  const whole = refusalOfAll(transmission, { ...options, sender, eightBit, mustConvert });
  const { recipients, refused } = planRecipients(transmission, { ...options, whole });
  const paths = transmission.recipients.map(({ address }) => pathOf(address));
  const smtpUtf8 = transmission.smtpUtf8 || [sender, ...paths].some((path) => path?.needsUtf8);
  return {
    mail: mailCommand(sender?.text ?? '', transmission, {
      extensions,
      facts: {
        octets: mustConvert ? undefined : transmission.sizeBytes,
        eightBit: extensions.eightBitMime && transmission.body !== '7BIT',
        smtpUtf8: extensions.smtpUtf8 && smtpUtf8,
      },
    }),
    recipients,
    refused,
    // Of use where a refusal between chunks spares the rest; a smaller message goes in as few round trips by DATA.
    chunked: extensions.chunking && transmission.sizeBytes > options.chunkOctets,
    content() {
      const bytes = transmission.read();
      return withCleanLineEnds(mustConvert && toSevenBit !== undefined ? toSevenBit(bytes) : bytes);
    },
  };
}

/**
 * Clients declare 8BITMIME and SMTPUTF8 for messages that need neither. Where the server does not offer them, what the
 * message really holds decides.
 */
async function findWhatMatters(transmission: Transmission, extensions: Extensions): Promise<EightBit> {
  const { eightBitMime, smtpUtf8 } = extensions;
  if (eightBitMime && (smtpUtf8 || !transmission.smtpUtf8)) return { header: false, body: false };
  return findEightBit(transmission.read());
}

function refusalOfAll(
  { sizeBytes, body, smtpUtf8 }: Transmission,
  about: PlanOptions & {
    readonly sender: Path | undefined;
    readonly eightBit: EightBit;
    readonly mustConvert: boolean;
  },
): Refusal | undefined {
  const { extensions, sender, eightBit, mustConvert, toSevenBit } = about;
  if (sender === undefined) return { status: '5.1.7', text: 'The sender is no mail address' };
  const { maxOctets = 0 } = extensions;
  if (maxOctets > 0 && sizeBytes > maxOctets)
    return {
      status: '5.3.4',
      text: `The message is too large: it has ${sizeBytes} octets, and the server takes at most ${maxOctets}`,
    };
  if (!extensions.smtpUtf8 && (sender.needsUtf8 || (smtpUtf8 && eightBit.header))) return noSmtpUtf8;
  if (body === 'BINARYMIME')
    return { status: '5.6.3', text: 'The message is binary, and this server sends no such messages on' };
  if (mustConvert && toSevenBit === undefined)
    return { status: '5.6.3', text: 'The message has 8-bit octets, and the server takes 7-bit ones only' };
  return undefined;
}

function planRecipients(
  transmission: Transmission,
  { extensions, remote, whole }: PlanOptions & { readonly whole: Refusal | undefined },
): Pick<Plan, 'recipients' | 'refused'> {
  const recipients: Plan['recipients'][number][] = [];
  const refused = new Map<number, RecipientOutcome>();
  for (const [at, recipient] of transmission.recipients.entries()) {
    const path = pathOf(recipient.address);
    const refusal = whole ?? refusalOf(path, extensions);
    if (refusal !== undefined) refused.set(at, impossible(refusal.status, { text: refusal.text, remote }));
    else if (path !== undefined)
      recipients.push({ at, command: rcptCommand(path.text, recipient, extensions) });
  }
  return { recipients, refused };
}

function refusalOf(path: Path | undefined, { smtpUtf8 }: Extensions): Refusal | undefined {
  if (path === undefined) return { status: '5.1.3', text: 'The recipient is no mail address' };
  return path.needsUtf8 && !smtpUtf8 ? noSmtpUtf8 : undefined;
}
