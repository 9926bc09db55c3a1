import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../drivers/system/clock.ts';
import { sesCarries } from '../../../mail/delivery/next-hop/carry-limits.ts';
import { parseAddress, type EmailAddress } from '../../../mail/message/address.ts';
import { createSmtpHost } from '../../../mail/routing/accept.ts';
import type { AcceptPorts } from '../../../mail/routing/accept-ports.ts';
import type { Resolution } from '../../../mail/routing/directory-port.ts';
import type { Role } from '../../../mail/smtp/host.ts';
import { otherServer } from '../delivery/way-kit.ts';

const aliases: Readonly<Record<string, readonly string[]>> = {
  'out@here.test': ['ann@there.test'],
  'both@here.test': ['ann@there.test', 'deep@here.test'],
  'deep@here.test': ['out@here.test'],
};

function resolve({ localPart, domain }: EmailAddress): Resolution {
  if (domain !== 'here.test') return { kind: 'elsewhere' };
  const targets = aliases[`${localPart}@${domain}`];
  return targets === undefined ? { kind: 'unknown' } : { kind: 'alias', targets };
}

/** What RCPT is answered for an address. */
async function answerTo(text: string, role: Role, ports: Partial<AcceptPorts>): Promise<string> {
  const directory = { resolveRecipient: async (address: EmailAddress) => resolve(address) };
  const address = parseAddress(text);
  assert.ok(address !== undefined);
  const host = createSmtpHost({ directory, clock: systemClock(), ...ports } as unknown as AcceptPorts);
  const client = { ...otherServer, role };
  const { kind } = await host.checkRecipient(
    { kind: 'mailbox', address },
    { client, reversePath: null, smtpUtf8: true, recipientCount: 0 },
  );
  return kind;
}

test('where SES is the only way out, an address that only leads elsewhere takes no mail of other servers', async () => {
  const ses = { carries: sesCarries };
  assert.equal(await answerTo('out@here.test', 'mta', ses), 'notForwarded');
  assert.equal(await answerTo('out@here.test', 'msa', ses), 'ok', 'a user of ours is a sender of ours');
  assert.equal(await answerTo('both@here.test', 'mta', ses), 'ok', 'somebody here may get it');
  assert.equal(await answerTo('out@here.test', 'mta', {}), 'ok', 'another way carries it');
});

test('where SES is the only way out, a local part that is not ASCII is refused, a domain is not', async () => {
  const ses = { carries: sesCarries };
  assert.equal(await answerTo('josé@there.test', 'msa', ses), 'onwardNotAscii');
  assert.equal(await answerTo('jose@bücher.test', 'msa', ses), 'ok');
  assert.equal(await answerTo('josé@there.test', 'msa', {}), 'ok');
});

test('an address on the suppression list is refused in its canonical form', async () => {
  const asked: string[] = [];
  const isSuppressed = async (address: string) => {
    asked.push(address);
    return address === 'bob@there.test';
  };
  assert.equal(await answerTo('BOB@There.test', 'msa', { isSuppressed }), 'recipientSuppressed');
  assert.equal(await answerTo('carol@there.test', 'msa', { isSuppressed }), 'ok');
  assert.equal(await answerTo('bob@there.test', 'mta', { isSuppressed }), 'relayDenied');
  assert.deepEqual(asked, ['bob@there.test', 'carol@there.test'], 'other servers may not ask');
});
