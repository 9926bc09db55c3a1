import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyEnvelope, formatEnvelope } from '../../../mail/message/envelope.ts';
import { parseHeader } from '../../../mail/message/header.ts';
import { envelopeText, type EnvelopeField } from '../../../mail/message/read-envelope.ts';
import { seededRandom } from '../../seeded-random.ts';

const fields: readonly EnvelopeField[] = ['date', 'subject', 'from', 'to', 'cc', 'bcc'];
const read = (header: string) => {
  const envelope = formatEnvelope(parseHeader(Buffer.from(header, 'latin1')));
  return Object.fromEntries(fields.map((field) => [field, envelopeText(envelope, field)]));
};

test('the fields come back as text', () => {
  assert.deepEqual(
    read(
      'Date: Wed, 17 Jul 1996 02:23:25 -0700\r\nSubject: a "b" \\ c\r\nFrom: "P\\"p" <p@example.org>, q@b\r\n' +
        'Sender: x@y\r\nTo: Team: a@b, "Q, R" <c@d>;, e@f\r\nCc: nobody\r\n\r\n',
    ),
    {
      date: 'Wed, 17 Jul 1996 02:23:25 -0700',
      subject: 'a "b" \\ c',
      from: 'P"p <p@example.org>, q@b',
      to: 'Team: a@b, Q, R <c@d>;, e@f',
      cc: 'nobody',
      bcc: undefined,
    },
  );
});

test('literals are read, and fields behind them', () => {
  const long = 'x'.repeat(2000);
  const found = read(`Subject: caf\xe9 (1) {3} ${long}\r\nTo: "caf\xe9" <a@b>\r\n\r\n`);
  assert.equal(found['subject'], `caf\xe9 (1) {3} ${long}`);
  assert.equal(found['to'], 'caf\xe9 <a@b>');
});

test('a field that is missing, and one that is empty, are told apart', () => {
  assert.equal(envelopeText(emptyEnvelope, 'subject'), undefined);
  assert.equal(read('Subject:\r\n\r\n')['subject'], '');
});

test('of anything something is read', () => {
  const random = seededRandom(3501);
  const pieces = ['(', ')', '"', 'NIL', ' ', '\\', '{3}\r\n', '{99}\r\n', 'a', '@', '{'];
  for (let round = 0; round < 5000; round += 1) {
    const text = Array.from(
      { length: Math.floor(random() * 30) },
      () => pieces[Math.floor(random() * pieces.length)] ?? '',
    ).join('');
    for (const field of fields) envelopeText(text, field);
  }
});
