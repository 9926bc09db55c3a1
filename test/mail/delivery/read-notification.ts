/**
 * A strict reader of delivery status notifications: whatever RFC 3464, 6522 and 6533 do not allow fails the test. It
 * shares no code with what writes them.
 */
import assert from 'node:assert/strict';

/** The fields of a header in their order, unfolded; names as they are written. */
export type Fields = readonly (readonly [name: string, value: string])[];

export interface Part {
  readonly type: string;
  readonly fields: Fields;
  readonly body: Buffer;
}

export interface ReadNotification {
  readonly fields: Fields;
  readonly text: string;
  readonly status: {
    readonly type: string;
    readonly message: Readonly<Record<string, string>>;
    readonly recipients: readonly Readonly<Record<string, string>>[];
  };
  readonly returned: Part | undefined;
}

/** The value of a field that is there once. */
export function valueOf(fields: Fields, name: string): string | undefined {
  const found = fields.filter(([each]) => each.toLowerCase() === name);
  assert.ok(found.length <= 1, `${name} is there ${found.length} times`);
  return found[0]?.[1];
}

export function readNotification(bytes: Buffer): ReadNotification {
  assertLines(bytes);
  const { fields, body } = readEntity(bytes);
  const [, boundary] =
    /^multipart\/report; report-type=delivery-status; boundary="([^"]{1,70})"$/.exec(
      valueOf(fields, 'content-type') ?? '',
    ) ?? [];
  assert.ok(boundary, 'a multipart/report with a boundary');
  assert.equal(valueOf(fields, 'mime-version'), '1.0');
  const parts = splitAt(body, boundary).map(readPart);
  const encoding = valueOf(fields, 'content-transfer-encoding') ?? '7bit';
  const encodings = parts.map((part) => valueOf(part.fields, 'content-transfer-encoding'));
  assert.equal(encoding, encodings.includes('8bit') ? '8bit' : '7bit', 'RFC 2045 section 6.4');
  const [text, status, returned, ...more] = parts;
  assert.ok(text && status && more.length === 0, `${parts.length} parts`);
  assert.equal(text.type, 'text/plain; charset=utf-8');
  assert.ok(
    [undefined, 'text/rfc822-headers', 'message/global-headers', 'message/rfc822', 'message/global'].includes(
      returned?.type,
    ),
  );
  if (returned !== undefined) assertReturned(returned);
  return { fields, text: text.body.toString('utf8'), status: readStatus(status), returned };
}

function assertLines(bytes: Buffer): void {
  const text = bytes.toString('latin1');
  assert.ok(!/[^\r]\n|\r[^\n]/.test(text), 'every line ends in CRLF');
  for (const line of text.split('\r\n')) assert.ok(line.length <= 998, `a line of ${line.length} octets`);
}

function readEntity(bytes: Buffer): { readonly fields: Fields; readonly body: Buffer } {
  const end = bytes.indexOf('\r\n\r\n');
  assert.ok(end > 0, 'a header and an empty line');
  return {
    fields: readFields(bytes.subarray(0, end + 2).toString('utf8')),
    body: bytes.subarray(end + 4),
  };
}

/** RFC 5322 section 2.2. */
function readFields(text: string): Fields {
  const unfolded = text.replace(/\r\n(?=[ \t]+[^ \t\r\n])/g, '');
  assert.ok(unfolded.endsWith('\r\n'));
  return unfolded
    .slice(0, -2)
    .split('\r\n')
    .map((line) => {
      const [, name, value] = /^([A-Za-z-]+): (\S|\S.*\S)$/u.exec(line) ?? [];
      assert.ok(name !== undefined && value !== undefined, `no field: ${JSON.stringify(line)}`);
      return [name, value] as const;
    });
}

/** RFC 2046 section 5.1.1, without preamble and epilogue. */
function splitAt(body: Buffer, boundary: string): readonly Buffer[] {
  const pieces = `\r\n${body.toString('latin1')}`.split(`\r\n--${boundary}`);
  assert.equal(pieces[0], '', 'nothing stands before the first part');
  assert.equal(pieces.at(-1), '--\r\n', 'nothing stands behind the last part');
  return pieces.slice(1, -1).map((piece) => {
    assert.ok(piece.startsWith('\r\n'));
    return Buffer.from(piece.slice(2), 'latin1');
  });
}

function readPart(bytes: Buffer): Part {
  const { fields, body } = readEntity(bytes);
  const encoding = valueOf(fields, 'content-transfer-encoding') ?? '';
  assert.ok(['7bit', '8bit'].includes(encoding), encoding);
  assert.equal(encoding, isAscii(body) ? '7bit' : '8bit');
  return { type: valueOf(fields, 'content-type') ?? '', fields, body };
}

function assertReturned({ type, body }: Part): void {
  const end = body.indexOf('\r\n\r\n');
  const header = end < 0 ? body : body.subarray(0, end + 4);
  if (type.endsWith('headers')) assert.ok(end < 0 || end + 4 === body.length, 'nothing but the header');
  assert.equal(type.startsWith('message/global'), !isAscii(header), `${type} for that header`);
}

const text = /^[^\x00-\x08\x0a-\x1f\x7f]*$/;
const date =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d [+-]\d{4}$/;
const typed = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+; ?[^\x00-\x08\x0a-\x1f\x7f]*$/;

/** RFC 3464 sections 2.2 and 2.3: the fields in their order, and whether each must be there. */
const messageGrammar = [
  ['Original-Envelope-Id', text, false],
  ['Reporting-MTA', typed, true],
  ['Arrival-Date', date, false],
] as const;
const recipientGrammar = [
  ['Original-Recipient', typed, false],
  ['Final-Recipient', typed, true],
  ['Action', /^(failed|delayed|delivered|relayed|expanded)$/, true],
  ['Status', /^[245]\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/, true],
  ['Remote-MTA', typed, false],
  ['Diagnostic-Code', /^smtp; [\x20-\x7e]*$/, false],
  ['Last-Attempt-Date', date, false],
  ['Will-Retry-Until', date, false],
] as const;

function readStatus({ type, body }: Part): ReadNotification['status'] {
  const global = type === 'message/global-delivery-status';
  assert.ok(global || type === 'message/delivery-status', type);
  assert.equal(global, !isAscii(body), 'UTF-8 asks for the form of RFC 6533, and nothing else does');
  const [message, ...recipients] = body
    .toString('utf8')
    .split(/(?<=\r\n)\r\n/)
    .map(readFields);
  assert.ok(message && recipients.length > 0);
  return {
    type,
    message: hold(message, messageGrammar),
    recipients: recipients.map((fields) => {
      const held = hold(fields, recipientGrammar);
      for (const name of ['Original-Recipient', 'Final-Recipient'])
        if (/^rfc822;/i.test(held[name] ?? '')) assert.ok(isAscii(Buffer.from(held[name] ?? '')), held[name]);
      return held;
    }),
  };
}

function hold(
  fields: Fields,
  grammar: readonly (readonly [name: string, form: RegExp, must: boolean])[],
): Readonly<Record<string, string>> {
  const names = grammar.map(([name]) => name);
  const order = fields.map(([name]) => names.indexOf(name));
  assert.ok(!order.includes(-1), `a field that is none: ${fields.map(([name]) => name).join(' ')}`);
  for (const [at, place] of order.entries())
    assert.ok(at === 0 || place > (order[at - 1] ?? 0), 'each once, in order');
  for (const [name, form, must] of grammar) {
    const value = fields.find(([each]) => each === name)?.[1];
    assert.ok(!must || value !== undefined, `${name} is missing`);
    if (value !== undefined) assert.match(value, form, name);
  }
  return Object.fromEntries(fields);
}

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}
