/** Options that extensions may add to LIST: as LIST-EXTENDED (RFC 5258) and LIST-STATUS (RFC 5819) will. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listCommand } from '../../../../mail/imap/commands/list.ts';
import type { ListItem, ListReturn, ListSelection } from '../../../../mail/imap/list/list-option.ts';
import { imapLimits } from '../../../../mail/imap/limits.ts';
import { imapRegistry } from '../../../../mail/imap/registry.ts';
import type { Session } from '../../../../mail/imap/session.ts';
import { formatMailbox } from '../../../../mail/imap/syntax/mailbox-name.ts';
import { scannerOf } from '../syntax/scan.ts';
import { folderList } from './folder-list.ts';

const subscribed: ListItem = {
  attributes: (listed) => [
    ...(listed.folder === undefined ? ['\\NonExistent'] : []),
    ...(listed.subscribed ? ['\\Subscribed'] : []),
  ],
};
const childInfo: ListItem = {
  extended: ({ selectedBelow }) => (selectedBelow ? ['"CHILDINFO" ("SUBSCRIBED")'] : []),
};
const counted: ListItem = {
  asked: (session) => void (session.condstore = true),
  follow: ({ name, folder }, { out }) => {
    if (folder !== undefined) out.untagged(`STATUS ${formatMailbox(name)} (MESSAGES 7)`);
  },
};

const rfcs = ['RFC 5258'];
const selections: readonly ListSelection[] = [
  {
    name: 'SUBSCRIBED',
    rfcs,
    parse: () => ({ selects: (entry) => entry.subscribed, items: [subscribed] }),
  },
  { name: 'RECURSIVEMATCH', rfcs, parse: () => ({ recursive: true, items: [childInfo] }) },
  { name: 'REMOTE', rfcs, parse: () => ({}) },
];
const returns: readonly ListReturn[] = [
  { name: 'SUBSCRIBED', rfcs, parse: () => subscribed },
  {
    name: 'STATUS',
    rfcs,
    parse: (args) => (args.space() && args.list(() => args.word()) !== undefined ? counted : undefined),
  },
];

function named<Option extends { readonly name: string }>(options: readonly Option[]) {
  return new Map(options.map((option) => [option.name, option]));
}

/** What LIST with these arguments writes; why it is refused, where it is. */
async function list(
  text: string,
): Promise<{ readonly said: readonly string[]; readonly condstore: boolean }> {
  const said: string[] = [];
  const session = {
    condstore: false,
    limits: imapLimits,
    registry: { ...imapRegistry, listSelections: named(selections), listReturns: named(returns) },
    out: { untagged: (line: string) => void said.push(line), ready: async () => {} },
    mail: {
      listFolders: async () =>
        folderList({ folders: ['INBOX', 'a', 'a/b', 'c'], subscriptions: ['INBOX', 'a/b', 'c', 'd/e'] }),
    },
  };
  const outcome = await listCommand.run(session as unknown as Session, scannerOf(text));
  assert.ok(outcome.kind === 'done');
  if (outcome.status.status !== 'OK') said.push(outcome.status.text);
  return { said, condstore: session.condstore };
}

async function linesOf(text: string): Promise<readonly string[]> {
  return (await list(text)).said;
}

test('a selection option chooses names, those of no folder too, and brings what is told of them', async () => {
  assert.deepEqual(await linesOf(' (SUBSCRIBED) "" *'), [
    'LIST (\\Subscribed) "/" "INBOX"',
    'LIST (\\Subscribed) "/" "a/b"',
    'LIST (\\Subscribed) "/" "c"',
    'LIST (\\Noselect \\NonExistent \\Subscribed) "/" "d/e"',
  ]);
});

test('an option that selects nothing leaves the folders', async () => {
  assert.deepEqual(await linesOf(' (REMOTE) "" %'), [
    'LIST () "/" "INBOX"',
    'LIST () "/" "a"',
    'LIST () "/" "c"',
  ]);
});

test('a recursive selection shows what is above, and an item tells why', async () => {
  assert.deepEqual(await linesOf(' (SUBSCRIBED RECURSIVEMATCH) "" %'), [
    'LIST (\\Subscribed) "/" "INBOX"',
    'LIST () "/" "a" ("CHILDINFO" ("SUBSCRIBED"))',
    'LIST (\\Subscribed) "/" "c"',
    'LIST (\\Noselect \\NonExistent) "/" "d" ("CHILDINFO" ("SUBSCRIBED"))',
  ]);
});

test('a return option reads its arguments, changes the session, and writes behind each name', async () => {
  const { said: lines, condstore } = await list(
    ' (SUBSCRIBED) "" (c d/*) RETURN (SUBSCRIBED STATUS (HIGHESTMODSEQ))',
  );
  assert.deepEqual(lines, [
    'LIST (\\Subscribed) "/" "c"',
    'STATUS "c" (MESSAGES 7)',
    'LIST (\\Noselect \\NonExistent \\Subscribed) "/" "d/e"',
  ]);
  assert.ok(condstore);
});

test('a LIST that is not understood changes nothing', async () => {
  const { said: lines, condstore } = await list(' "" * RETURN (STATUS (HIGHESTMODSEQ)) more');
  assert.deepEqual(lines, ['LIST: expected the end of the command']);
  assert.ok(!condstore);
  assert.deepEqual(await linesOf(' "" * RETURN (STATUS)'), ['LIST: expected a space']);
});
