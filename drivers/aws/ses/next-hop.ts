/**
 * NextHop on Amazon SES, for senders of verified domains. It gives each message another Message-ID and Date, takes no
 * null sender, and knows no SMTPUTF8.
 */
import { SendRawEmailCommand, type SESClient } from '@aws-sdk/client-ses';
import { SendEmailCommand, type SESv2Client } from '@aws-sdk/client-sesv2';
import type {
  NextHop,
  RecipientOutcome,
  Transmission,
  TransmissionRecipient,
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
  const outcomes = new Map<string, RecipientOutcome>();
  for (const { address } of recipients.filter(needsUtf8))
    outcomes.set(
      address,
      failed('5.6.7', 'Amazon SES takes no address with other letters than those of ASCII.'),
    );
  const plain = recipients.filter((recipient) => !needsUtf8(recipient));
  let unavailable = false;
  if (plain.length > 0) {
    const bytes = await bytesOf(transmission);
    for (let at = 0; at < plain.length; at += recipientsAtOnce) {
      const some = plain.slice(at, at + recipientsAtOnce);
      const sent = await send(options, { transmission, bytes, recipients: some });
      unavailable ||= sent.unavailable;
      for (const { address } of some) outcomes.set(address, sent.outcome);
    }
  }
  return {
    outcomes: recipients.map(({ address }) => outcomes.get(address) ?? failed('5.3.0', 'It was not sent.')),
    unavailable,
  };
}

interface Call {
  readonly transmission: Transmission;
  readonly bytes: Buffer;
  readonly recipients: readonly TransmissionRecipient[];
}

/** One call counts for all its recipients. */
async function send(
  options: SesOptions,
  call: Call,
): Promise<{ readonly outcome: RecipientOutcome; readonly unavailable: boolean }> {
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
  const to = recipients.map(({ address }) => address);
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

function needsUtf8({ address }: TransmissionRecipient): boolean {
  // oxlint-disable-next-line no-control-regex
  return /[^\x00-\x7f]/.test(address);
}

function failed(status: string, text: string): RecipientOutcome {
  return { kind: 'failed', said: { status, text, remote: 'Amazon SES' } };
}
