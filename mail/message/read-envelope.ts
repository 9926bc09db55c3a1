/** An ENVELOPE read back from its stored form, a field at a time. Octets as Latin-1 characters. */
import { ValueReader } from './value-reader.ts';

/** Where the fields stand in the structure (RFC 9051 section 7.5.2). */
const places = { date: 0, subject: 1, from: 2, to: 5, cc: 6, bcc: 7 } as const;

export type EnvelopeField = keyof typeof places;

/**
 * A field of what `formatEnvelope` (envelope.ts) wrote, encoded words left as they are; undefined where the message has
 * no such field, or it names nobody. Addresses are `Pepe <pepe@example.org>, paco@example.net`, without quotes,
 * comments and source routes.
 */
export function envelopeText(envelope: string, field: EnvelopeField): string | undefined {
  const reader = new ValueReader(envelope);
  reader.enter();
  reader.skip(places[field]);
  return field === 'date' || field === 'subject' ? reader.nstring() : addresses(reader);
}

function addresses(reader: ValueReader): string | undefined {
  if (!reader.enter()) return undefined;
  let text = '';
  while (reader.enter()) {
    const name = reader.nstring();
    reader.skip();
    const mailbox = reader.nstring();
    const host = reader.nstring();
    reader.leave();
    // A NIL host begins or ends a group.
    if (host === undefined) text += mailbox === undefined ? ';' : `${separator(text)}${mailbox}:`;
    else text += separator(text) + formatted({ name, mailbox: mailbox ?? '', host });
  }
  return text;
}

function separator(before: string): string {
  if (before === '') return '';
  return before.endsWith(':') ? ' ' : ', ';
}

function formatted(address: {
  readonly name: string | undefined;
  readonly mailbox: string;
  readonly host: string;
}): string {
  const { name, mailbox, host } = address;
  const plain = host === '' ? mailbox : `${mailbox}@${host}`;
  return name === undefined ? plain : `${name} <${plain}>`;
}
