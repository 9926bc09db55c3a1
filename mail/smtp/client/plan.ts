/** How a message can go to a server that offers just this: what is said, what is converted, and what cannot go at all. */
import { toSevenBit } from '../../message/seven-bit.ts';
import { notConvertibleTexts } from '../../message/seven-bit-plan.ts';
import { scanSevenBit, type SevenBitScan } from '../../message/seven-bit-scan.ts';
import type { RecipientOutcome, Transmission } from '../../ports/next-hop.ts';
import { mailCommand, pathOf, rcptCommand, type Path } from './commands.ts';
import { hasEightBitHeader, withCleanLineEnds } from './content.ts';
import type { Extensions } from './extensions.ts';
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
  /** The server, for people. */
  readonly remote: string;
  readonly chunkOctets: number;
}

interface Refusal {
  readonly status: string;
  readonly text: string;
}

/** What the message itself needs, as far as the server does not offer it: what it offers was not looked for. */
interface Needs {
  /** Its header has octets above 127, and it was sent with SMTPUTF8. */
  readonly utf8Header: boolean;
  readonly sevenBit: SevenBitScan;
}

const nullPath: Path = { text: '', needsUtf8: false };
const noSmtpUtf8: Refusal = {
  status: '5.6.7',
  text: 'The address or the header is not ASCII, and the server does not take that: it offers no SMTPUTF8',
};

/** Reads the message where that decides something. Rejects when it cannot be read. */
export async function planTransmission(transmission: Transmission, options: PlanOptions): Promise<Plan> {
  const { extensions, chunkOctets } = options;
  const sender = transmission.reversePath === null ? nullPath : pathOf(transmission.reversePath);
  const refusal = refusalBeforeReading(transmission, { sender, extensions });
  const needs = refusal === undefined ? await findNeeds(transmission, extensions) : nothing;
  const whole = refusal ?? refusalOfMessage(needs);
  const paths = transmission.recipients.map(({ address }) => pathOf(address));
  const smtpUtf8 = transmission.smtpUtf8 || [sender, ...paths].some((path) => path?.needsUtf8);
  const { sevenBit } = needs;
  const converted = sevenBit.kind === 'convertible' && sevenBit.eightBit;
  return {
    mail: mailCommand(sender?.text ?? '', {
      transmission,
      extensions,
      facts: {
        octets: converted ? undefined : transmission.sizeBytes,
        eightBit: extensions.eightBitMime && transmission.body !== '7BIT',
        smtpUtf8: extensions.smtpUtf8 && smtpUtf8,
      },
    }),
    ...planRecipients(transmission, { ...options, paths, whole }),
    // Of use where a refusal between chunks spares the rest; a smaller message goes in as few round trips by DATA.
    chunked: extensions.chunking && transmission.sizeBytes > chunkOctets,
    content: () =>
      withCleanLineEnds(converted ? toSevenBit(transmission.read(), sevenBit) : transmission.read()),
  };
}

function refusalBeforeReading(
  { sizeBytes, body }: Transmission,
  { sender, extensions }: { readonly sender: Path | undefined; readonly extensions: Extensions },
): Refusal | undefined {
  const { maxOctets = 0, smtpUtf8 } = extensions;
  if (sender === undefined) return { status: '5.1.7', text: 'The sender is no mail address' };
  if (sender.needsUtf8 && !smtpUtf8) return noSmtpUtf8;
  if (maxOctets > 0 && sizeBytes > maxOctets)
    return {
      status: '5.3.4',
      text: `The message is too large: it has ${sizeBytes} octets, and the server takes at most ${maxOctets}`,
    };
  if (body === 'BINARYMIME')
    return { status: '5.6.3', text: 'The message is binary, and this server sends no such messages on' };
  return undefined;
}

const nothing: Needs = { utf8Header: false, sevenBit: { kind: 'sevenBit' } };

/**
 * Clients declare 8BITMIME and SMTPUTF8 for messages that need neither, or do not where they should. Where the server
 * does not offer them, what the message really holds decides.
 */
async function findNeeds(transmission: Transmission, extensions: Extensions): Promise<Needs> {
  return {
    utf8Header:
      transmission.smtpUtf8 && !extensions.smtpUtf8 && (await hasEightBitHeader(transmission.read())),
    sevenBit: extensions.eightBitMime ? nothing.sevenBit : await scanSevenBit(transmission.read()),
  };
}

function refusalOfMessage({ utf8Header, sevenBit }: Needs): Refusal | undefined {
  if (utf8Header) return noSmtpUtf8;
  if (sevenBit.kind !== 'impossible') return undefined;
  const why = notConvertibleTexts[sevenBit.because];
  return {
    status: '5.6.3',
    text: `The server takes 7-bit messages only, and this one cannot be made one: ${why}`,
  };
}

function planRecipients(
  transmission: Transmission,
  about: PlanOptions & {
    readonly paths: readonly (Path | undefined)[];
    readonly whole: Refusal | undefined;
  },
): Pick<Plan, 'recipients' | 'refused'> {
  const { extensions, remote, paths, whole } = about;
  const recipients: Plan['recipients'][number][] = [];
  const refused = new Map<number, RecipientOutcome>();
  for (const [at, recipient] of transmission.recipients.entries()) {
    const path = paths[at];
    const refusal = whole ?? refusalOfRecipient(path, extensions);
    if (refusal !== undefined) refused.set(at, impossible(refusal.status, { text: refusal.text, remote }));
    else if (path !== undefined)
      recipients.push({ at, command: rcptCommand(path.text, { recipient, extensions }) });
  }
  return { recipients, refused };
}

function refusalOfRecipient(path: Path | undefined, { smtpUtf8 }: Extensions): Refusal | undefined {
  if (path === undefined) return { status: '5.1.3', text: 'The recipient is no mail address' };
  return path.needsUtf8 && !smtpUtf8 ? noSmtpUtf8 : undefined;
}
