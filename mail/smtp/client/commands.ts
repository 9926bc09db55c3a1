/** MAIL and RCPT as they are said: paths (RFC 5321 section 4.1.2) and the parameters that the server takes. */
import { canonicalDomain, formatAddress, parseAddress, type EmailAddress } from '../../message/address.ts';
import type { Transmission, TransmissionRecipient } from '../../ports/next-hop.ts';
import type { OriginalRecipient } from '../../routing/envelope.ts';
import { encodeUnitext } from '../syntax/unitext.ts';
import { encodeXtext } from '../syntax/xtext.ts';
import type { Extensions } from './extensions.ts';

/** An address in a command. */
export interface Path {
  /** Without angle brackets. */
  readonly text: string;
  /** It can be said only with SMTPUTF8 (RFC 6531). */
  readonly needsUtf8: boolean;
}

/** undefined where `address` is none: nothing else may come into a command. */
export function pathOf(address: string): Path | undefined {
  const parsed = parseAddress(address);
  if (parsed === undefined) return undefined;
  const said: EmailAddress = { localPart: parsed.localPart, domain: asciiDomain(parsed.domain) };
  const text = formatAddress(said);
  return { text, needsUtf8: !isAscii(text) };
}

/** `octets` where the size is known; `eightBit` and `smtpUtf8` where they are to be declared. */
export interface MailFacts {
  readonly octets: number | undefined;
  readonly eightBit: boolean;
  readonly smtpUtf8: boolean;
}

/** MAIL (RFC 5321 section 4.1.1.2) with SIZE, BODY, SMTPUTF8, RET and ENVID. */
export function mailCommand(
  reversePath: string,
  about: {
    readonly transmission: Transmission;
    readonly extensions: Extensions;
    readonly facts: MailFacts;
  },
): string {
  const { transmission, extensions, facts } = about;
  const { ret, envid } = transmission;
  const { maxOctets, dsn } = extensions;
  return words(
    `MAIL FROM:<${reversePath}>`,
    maxOctets !== undefined && facts.octets !== undefined && `SIZE=${facts.octets}`,
    facts.eightBit && 'BODY=8BITMIME',
    facts.smtpUtf8 && 'SMTPUTF8',
    dsn && ret !== undefined && `RET=${ret}`,
    dsn && envid !== undefined && `ENVID=${encodeXtext(envid)}`,
  );
}

/** RCPT (RFC 5321 section 4.1.1.3) with NOTIFY and ORCPT (RFC 3461 section 4). */
export function rcptCommand(
  forwardPath: string,
  { recipient, extensions }: { readonly recipient: TransmissionRecipient; readonly extensions: Extensions },
): string {
  const { notify = [], orcpt } = recipient;
  const { dsn } = extensions;
  return words(
    `RCPT TO:<${forwardPath}>`,
    dsn && notify.length > 0 && `NOTIFY=${notify.join(',')}`,
    dsn && orcpt !== undefined && isSendable(orcpt) && `ORCPT=${originalRecipient(orcpt)}`,
  );
}

function words(...all: readonly (string | false)[]): string {
  return all.filter((word) => word !== false).join(' ');
}

/** RFC 3461 section 4.2; the type `utf-8` in its 7-bit form (RFC 6533 section 3), which every server with DSN takes. */
function originalRecipient({ addressType, address }: OriginalRecipient): string {
  const utf8 = addressType.toLowerCase() === 'utf-8';
  return `${addressType};${utf8 ? encodeUnitext(address, { ascii: true }) : encodeXtext(address)}`;
}

/** Whether the type, which is sent as it is, may stand in an esmtp-value and ends where the address begins. */
function isSendable({ addressType }: OriginalRecipient): boolean {
  return /^[\x21-\x3a\x3c\x3e-\x7e]+$/.test(addressType);
}

/** A domain in U-labels is said in A-labels: those every server understands. */
function asciiDomain(domain: string): string {
  return isAscii(domain) ? domain : (canonicalDomain(domain) ?? domain);
}

function isAscii(text: string): boolean {
  return !/[^\x00-\x7f]/.test(text);
}
