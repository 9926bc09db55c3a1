import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortEnvelope, wholeEnvelope } from '../../../mail/mailbox/short-envelope.ts';
import { scanMessage } from '../../../mail/message/scan-message.ts';
import { sample, sampleNames } from '../message/samples.ts';

const paco = '(("Paco" NIL "paco" "example.org"))';
const team = '((NIL NIL "team" "example.org"))';

test('Sender and Reply-To that say what From says are a mark each', () => {
  const rest = '((NIL NIL "ana" "example.net")) NIL NIL NIL "<1@example.org>")';
  const both = `("date" "a = b" ${paco} ${paco} ${paco} ${rest}`;
  assert.equal(shortEnvelope(both), `("date" "a = b" ${paco} = = ${rest}`);
  const sender = `("date" {3}\r\n"=) ${paco} ${paco} ${team} ${rest}`;
  assert.equal(shortEnvelope(sender), `("date" {3}\r\n"=) ${paco} = ${team} ${rest}`);
  for (const envelope of [both, sender]) assert.equal(wholeEnvelope(shortEnvelope(envelope)), envelope);
});

test('any other envelope stays as it is', () => {
  const replyTo = `(NIL NIL ${paco} ${team} ${paco} NIL NIL NIL NIL NIL)`;
  const nobody = '("date" "=" NIL NIL NIL NIL NIL NIL NIL "=")';
  for (const envelope of [replyTo, nobody, '(', '', '= =', '((((']) {
    assert.equal(shortEnvelope(envelope), envelope);
    assert.equal(wholeEnvelope(envelope), envelope);
  }
});

test('the envelope of every sample comes back as it was', () => {
  for (const name of sampleNames) {
    const envelope = Buffer.from(scanMessage(sample(name)).envelope).toString('latin1');
    assert.equal(wholeEnvelope(shortEnvelope(envelope)), envelope, name);
  }
});
