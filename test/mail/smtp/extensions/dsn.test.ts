/** What DSN's parameters (RFC 3461) become in the envelope; test/transcripts/smtp has what the client reads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Envelope, EnvelopeRecipient } from '../../../../mail/routing/envelope.ts';
import { ready, type DialogSettings } from '../dialog.ts';

/** The envelope of a message to which these commands belong. */
async function envelopeOf(commands: readonly string[], settings: DialogSettings = {}): Promise<Envelope> {
  const dialog = await ready(settings);
  for (const command of commands) assert.match(await dialog.say(command), /^250 /, command);
  assert.match(await dialog.say('DATA'), /^354 /);
  assert.match(await dialog.say('', '.'), /^250 /);
  const [received] = dialog.host.received;
  assert.ok(received);
  return received.envelope;
}

const wishesOf = async (parameters: string): Promise<Omit<EnvelopeRecipient, 'address'>> => {
  const commands = ['MAIL FROM:<pepe@example.org>', `RCPT TO:<paco@example.test> ${parameters}`];
  const [recipient] = (await envelopeOf(commands)).recipients;
  assert.ok(recipient);
  const { address: _, ...wishes } = recipient;
  return wishes;
};

for (const role of ['mta', 'msa'] as const)
  test(`in the role ${role} RET, ENVID, NOTIFY and ORCPT come into the envelope, decoded`, async () => {
    const envelope = await envelopeOf(
      [
        'MAIL FROM:<pepe@example.test> RET=full ENVID=QQ+2B1',
        'RCPT TO:<paco@example.test> NOTIFY=delay,SUCCESS ORCPT=RFC822;Paco+40Example.org',
        'RCPT TO:<else@example.test> NOTIFY=Never',
        'RCPT TO:<more@example.test>',
      ],
      { role },
    );
    assert.equal(envelope.ret, 'FULL');
    assert.equal(envelope.envid, 'QQ+1');
    assert.deepEqual(envelope.recipients, [
      {
        address: { localPart: 'paco', domain: 'example.test' },
        notify: ['DELAY', 'SUCCESS'],
        // Section 5.2.1: letters keep their case, those of the type too.
        orcpt: { addressType: 'RFC822', address: 'Paco@Example.org' },
      },
      { address: { localPart: 'else', domain: 'example.test' }, notify: ['NEVER'] },
      { address: { localPart: 'more', domain: 'example.test' } },
    ]);
  });

test('a keyword of NOTIFY that is given twice counts once', async () => {
  assert.deepEqual(await wishesOf('NOTIFY=FAILURE,FAILURE'), { notify: ['FAILURE'] });
});

test('a recipient that is given twice keeps the wishes that came first', async () => {
  const { recipients } = await envelopeOf([
    'MAIL FROM:<pepe@example.org>',
    'RCPT TO:<paco@example.test> NOTIFY=SUCCESS',
    'RCPT TO:<PACO@example.test> NOTIFY=NEVER',
  ]);
  assert.deepEqual(
    recipients.map(({ notify }) => notify),
    [['SUCCESS']],
  );
});

test('an original recipient of the type utf-8 comes raw or embedded, and one that is neither as it is written', async () => {
  const written = async (orcpt: string) => (await wishesOf(`ORCPT=${orcpt}`)).orcpt;
  const address = 'ñandú+x@example.org';
  assert.deepEqual(await written('utf-8;ñandú\\x{2B}x@example.org'), { addressType: 'utf-8', address });
  const embedded = 'utf-8;\\x{F1}and\\x{fa}\\x{2B}x@example.org';
  assert.deepEqual(await written(embedded), { addressType: 'utf-8', address });
  assert.deepEqual(await written('UTF-8;a+2Bb@example.org'), {
    addressType: 'UTF-8',
    address: 'a+2Bb@example.org',
  });
});
