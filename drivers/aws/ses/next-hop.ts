/**
 * NextHop on Amazon SES, for senders of verified domains. It gives each message another Message-ID and Date, takes no
 * null sender, and knows no SMTPUTF8.
 */
import { domainToASCII } from 'node:url';
import { SendRawEmailCommand, type SESClient } from '@aws-sdk/client-ses';
import { SendEmailCommand, type SESv2Client } from '@aws-sdk/client-sesv2';
import type {
  NextHop,
  RecipientOutcome,
  Transmission,
  TransmitOutcome,
} from '../../../mail/ports/next-hop.ts';
import { refusalOf } from './refusal.ts';

export interface SesOptions {
  readonly ses: SESClient;
  readonly sesv2: SESv2Client;
  /** What gives us SES's events; without it nobody hears of bounces. */
  readonly configurationSet?: string;
  /** SES's id of what it took: it finds the message again. A failure of it is the caller's to log. */
  readonly sentAs: (sent: { readonly sesId: string; readonly messageId: string }) => Promise<void>;
}

/** The tag that SES's events carry: our id of the message. */
export const messageTag = 'posta-message';

/** Of one call. */
const recipientsAtOnce = 50;
/** The first API takes so much, the second more; both in octets of the message. */
const maxRawBytes = 10_000_000;
const maxBytes = 40 * 2 ** 20;
const answerMs = 60_000;

export function sesNextHop(options: SesOptions): NextHop {
  return { transmit: (transmission) => transmit(options, transmission) };
}

async function transmit(options: SesOptions, transmission: Transmission): Promise<TransmitOutcome> {
  const { recipients, sizeBytes } = transmission;
  if (sizeBytes > maxBytes) {
    const text = `Amazon SES takes messages of at most ${maxBytes / 2 ** 20} MB. Send a link in place of the attachment.`;
    return { outcomes: recipients.map(() => failed('5.3.4', text)), unavailable: false };
  }
  const addresses = recipients.map(({ address }) => asciiAddress(address));
  const sent = await sendAll(options, transmission, [
    ...new Set(addresses.flatMap((address) => address ?? [])),
  ]);
  const outcomes = addresses.map((address) => sent.outcomes.get(address ?? '') ?? notAscii);
  return { outcomes, unavailable: sent.unavailable };
}

const notAscii = failed(
  '5.6.7',
  'Amazon SES takes no address with other letters than those of ASCII before the @.',
);

/** By address. Once some have it a fault is no longer one of ours alone: a rejection says that nothing was sent. */
async function sendAll(
  options: SesOptions,
  transmission: Transmission,
  to: readonly string[],
): Promise<{ readonly outcomes: ReadonlyMap<string, RecipientOutcome>; readonly unavailable: boolean }> {
  const outcomes = new Map<string, RecipientOutcome>();
  if (to.length === 0) return { outcomes, unavailable: false };
  const bytes = await bytesOf(transmission);
  for (let at = 0; at < to.length; at += recipientsAtOnce) {
    const recipients = to.slice(at, at + recipientsAtOnce);
    let answer: Answer;
    try {
      answer = await send(options, { transmission, bytes, recipients });
    } catch (fault) {
      if (at === 0) throw fault;
      answer = { outcome: notSent(fault), unavailable: true };
    }
    for (const address of recipients) outcomes.set(address, answer.outcome);
    // The others would be refused likewise: they wait for the next attempt.
    if (answer.unavailable) {
      for (const address of to.slice(at + recipientsAtOnce)) outcomes.set(address, answer.outcome);
      return { outcomes, unavailable: true };
    }
  }
  return { outcomes, unavailable: false };
}

function notSent(fault: unknown): RecipientOutcome {
  const text = 'Amazon SES took the message for others, and then no more of it';
  return { kind: 'deferred', said: { status: '4.3.0', text, reply: String(fault), remote: 'Amazon SES' } };
}

interface Call {
  readonly transmission: Transmission;
  readonly bytes: Buffer;
  readonly recipients: readonly string[];
}

interface Answer {
  readonly outcome: RecipientOutcome;
  readonly unavailable: boolean;
}

/** One call counts for all its recipients. */
async function send(options: SesOptions, call: Call): Promise<Answer> {
  let sesId: string;
  try {
    sesId = await callSes(options, call);
  } catch (fault) {
    const refusal = refusalOf(fault);
    if (refusal === undefined) throw fault;
    return refusal;
  }
  const { messageId } = call.transmission;
  await options.sentAs({ sesId, messageId });
  const said = {
    status: '2.0.0',
    reply: `250 Ok ${sesId}`,
    text: 'Amazon SES has taken it',
    remote: 'Amazon SES',
  };
  return { outcome: { kind: 'sent', dsn: false, said }, unavailable: false };
}

async function callSes(options: SesOptions, { transmission, bytes, recipients }: Call): Promise<string> {
  const { ses, sesv2, configurationSet: ConfigurationSetName } = options;
  const { messageId, reversePath } = transmission;
  const abortSignal = AbortSignal.timeout(answerMs);
  const Tags = [{ Name: messageTag, Value: messageId }];
  const to = [...recipients];
  const configuration = ConfigurationSetName === undefined ? {} : { ConfigurationSetName };
  if (bytes.length <= maxRawBytes) {
    const raw = { RawMessage: { Data: bytes }, Destinations: to, Tags, ...configuration };
    const command = new SendRawEmailCommand({
      ...raw,
      ...(reversePath === null ? {} : { Source: reversePath }),
    });
    return (await ses.send(command, { abortSignal })).MessageId ?? '';
  }
  const command = new SendEmailCommand({
    Content: { Raw: { Data: bytes } },
    Destination: { ToAddresses: to },
    EmailTags: Tags,
    ...(reversePath === null ? {} : { FromEmailAddress: reversePath }),
    ...configuration,
  });
  return (await sesv2.send(command, { abortSignal })).MessageId ?? '';
}

/** It goes in one piece: at most 40 MB. */
async function bytesOf(transmission: Transmission): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of transmission.read()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Its domain in A-labels (RFC 5890); undefined where the local part is not ASCII: that takes SMTPUTF8. */
function asciiAddress(address: string): string | undefined {
  if (isAscii(address)) return address;
  const at = address.lastIndexOf('@');
  const domain = domainToASCII(address.slice(at + 1));
  const said = `${address.slice(0, at)}@${domain}`;
  return domain !== '' && isAscii(said) ? said : undefined;
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return /^[\x00-\x7f]*$/.test(text);
}

function failed(status: string, text: string): RecipientOutcome {
  return { kind: 'failed', said: { status, text, remote: 'Amazon SES' } };
}
