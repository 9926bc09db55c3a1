/** Opening recipients: who gets a message, and which recipients fail, without ever going round in circles. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress, type EmailAddress } from '../../../mail/message/address.ts';
import type { RecipientDirectory, Resolution } from '../../../mail/routing/directory-port.ts';
import { expandRecipients, maxAliasDepth, maxOpenedAddresses } from '../../../mail/routing/expand.ts';

/** Names at `a.test`: a list is an alias, a name its account, the rest as it is. */
class FakeDirectory implements RecipientDirectory {
  asked = 0;
  readonly #entries: (name: string) => readonly string[] | Resolution | undefined;
  constructor(entries: (name: string) => readonly string[] | Resolution | undefined) {
    this.#entries = entries;
  }
  async resolveRecipient({ localPart }: EmailAddress): Promise<Resolution> {
    this.asked++;
    const entry = this.#entries(localPart);
    if (entry === undefined) return { kind: 'unknown' };
    if ('kind' in entry) return entry;
    return { kind: 'alias', targets: entry.map((name) => `${name}@a.test`) };
  }
}

const account = (id: string): Resolution => ({ kind: 'account', accountId: id, address: `${id}@a.test` });

function address(name: string): EmailAddress {
  const parsed = parseAddress(`${name}@a.test`);
  if (parsed === undefined) throw new Error(`${name} is no local part`);
  return parsed;
}

async function expand(
  entries: Readonly<Record<string, readonly string[] | Resolution>>,
  ...recipients: readonly string[]
) {
  const { destinations, failures } = await expandRecipients(
    new FakeDirectory((name) => entries[name]),
    recipients.map(address),
  );
  return {
    accounts: destinations.map(({ accountId, recipients: [first] }) => `${accountId} for ${first}`),
    failures: failures.map(({ recipient, reason }) => `${recipient} ${reason}`),
  };
}

test('an account is found once, through the recipient that leads to it first', async () => {
  const entries = { ann: account('ann'), bob: account('bob'), team: ['ann', 'bob'], all: ['team', 'ann'] };
  assert.deepEqual(await expand(entries, 'all', 'bob', 'ann'), {
    accounts: ['ann for all@a.test', 'bob for all@a.test'],
    failures: [],
  });
});

test('all recipients that lead to an account are named with it, and which of them stand for several', async () => {
  const directory = new FakeDirectory((name) => {
    const lists: Readonly<Record<string, readonly string[]>> = {
      team: ['ann', 'bob'],
      nested: ['team'],
      only: ['ann'],
      lost: ['gone', 'away'],
    };
    return lists[name] ?? (name === 'ann' || name === 'bob' ? account(name) : undefined);
  });
  const recipients = ['ann', 'team', 'only', 'nested', 'lost'].map(address);
  const { destinations, several } = await expandRecipients(directory, recipients);
  assert.deepEqual(destinations, [
    {
      accountId: 'ann',
      address: 'ann@a.test',
      recipients: ['ann@a.test', 'team@a.test', 'only@a.test', 'nested@a.test'],
    },
    { accountId: 'bob', address: 'bob@a.test', recipients: ['team@a.test', 'nested@a.test'] },
  ]);
  assert.deepEqual(several, ['team@a.test', 'nested@a.test']);
});

test('a circle is cut: who is reached through it is served, and one that reaches nobody fails', async () => {
  const entries = { ann: account('ann'), a: ['b', 'ann'], b: ['a'], x: ['y'], y: ['x'] };
  assert.deepEqual(await expand(entries, 'a'), { accounts: ['ann for a@a.test'], failures: [] });
  assert.deepEqual(await expand(entries, 'x'), { accounts: [], failures: ['x@a.test tooManyAliases'] });
});

test('targets that fail are told as the recipient that its sender wrote, each reason once', async () => {
  const entries = {
    ann: account('ann'),
    team: ['ann', 'gone', 'left', 'away', 'out'],
    away: { kind: 'suspended' },
    left: { kind: 'rejected', reason: 'Write to ann' },
    out: { kind: 'elsewhere' },
  } as const;
  assert.deepEqual(await expand(entries, 'team', 'nobody'), {
    accounts: ['ann for team@a.test'],
    failures: [
      'team@a.test unknown',
      'team@a.test rejected',
      'team@a.test suspended',
      'nobody@a.test unknown',
    ],
  });
});

test('targets on other servers are found once each, and a message that came round is not sent out again', async () => {
  const directory = new FakeDirectory((name) => {
    if (name === 'team') return ['ann', 'out', 'far'];
    if (name === 'one') return ['out'];
    return name === 'ann' ? account('ann') : { kind: 'elsewhere' };
  });
  const recipients = [address('one'), address('team')];
  const first = await expandRecipients(directory, recipients);
  assert.deepEqual(first.outside, [
    { address: 'out@a.test', recipient: 'one@a.test' },
    { address: 'far@a.test', recipient: 'team@a.test' },
  ]);
  assert.deepEqual(first.failures, []);
  const again = await expandRecipients(directory, recipients, { passed: ['one@a.test'] });
  assert.deepEqual(again.failures, [{ reason: 'tooManyAliases', recipient: 'one@a.test' }]);
  assert.deepEqual(
    again.outside.map((each) => each.address),
    ['out@a.test', 'far@a.test'],
  );
});

test(`a chain of ${maxAliasDepth} aliases is followed, a longer one is not`, async () => {
  const chain = (length: number) => {
    const entries = Array.from({ length }, (_, at) => [`n${at}`, [`n${at + 1}`]]);
    return Object.fromEntries([...entries, [`n${length}`, account('end')]]);
  };
  assert.deepEqual((await expand(chain(maxAliasDepth), 'n0')).accounts, ['end for n0@a.test']);
  assert.deepEqual(await expand(chain(maxAliasDepth + 1), 'n0'), {
    accounts: [],
    failures: ['n0@a.test tooManyAliases'],
  });
});

test('aliases that open into ever more are cut by their number', async () => {
  const directory = new FakeDirectory((name) => Array.from({ length: 50 }, (_, at) => `${name}${at}x`));
  const { failures } = await expandRecipients(directory, [address('bomb'), address('more')]);
  assert.deepEqual(
    failures.map(({ recipient, reason }) => `${recipient} ${reason}`),
    ['bomb@a.test tooManyAliases', 'more@a.test tooManyAliases'],
  );
  assert.ok(directory.asked <= maxOpenedAddresses + 2, `${directory.asked} lookups`);
});

test('a thousand subaddresses of one alias look each target up once, and others get their turn meanwhile', async () => {
  const members = Array.from({ length: 500 }, (_, at) => `member${at}`);
  const directory = new FakeDirectory((name) => (name.startsWith('team') ? members : account(name)));
  let turns = 0;
  const others = setInterval(() => turns++, 0);
  const { destinations } = await expandRecipients(
    directory,
    Array.from({ length: 1000 }, (_, at) => address(`team+${at}`)),
  );
  clearInterval(others);
  assert.equal(destinations.length, 500);
  assert.equal(directory.asked, 1500);
  assert.ok(turns > 0);
});

test('a failure says whether others behind the address have the message', async () => {
  const directory = new FakeDirectory((name) =>
    name === 'team' ? ['ann', 'gone'] : name === 'ann' ? account('ann') : undefined,
  );
  const { failures } = await expandRecipients(directory, [address('team'), address('gone')]);
  assert.deepEqual(failures, [
    { reason: 'unknown', recipient: 'team@a.test', partial: true },
    { reason: 'unknown', recipient: 'gone@a.test' },
  ]);
});
