import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelsAbove, listEntries, type ListEntry } from '../../../../mail/imap/list/list-entry.ts';
import { listedNames, type ListRequest } from '../../../../mail/imap/list/listed-names.ts';
import { joinPattern } from '../../../../mail/imap/syntax/list-pattern.ts';
import { folderList } from './folder-list.ts';

const entries = listEntries(
  folderList({
    folders: ['INBOX', 'a', 'a/b', 'a/b/c', 'z'],
    subscriptions: ['a/b', 'a/gone/x', 'z', 'INBOX'],
  }),
);

/** The names that are shown; in parentheses those that are so only for what is below them. */
async function shown(
  pattern: string,
  request: Partial<ListRequest> & { readonly patterns?: ListRequest['patterns'] } = {},
): Promise<string> {
  const names: string[] = [];
  const whole = { patterns: [joinPattern('', pattern)], selects: isFolder, recursive: false, ...request };
  for await (const { name, selected } of listedNames(entries, whole))
    names.push(selected ? name : `(${name})`);
  return names.join(' ');
}

const isFolder = ({ folder }: ListEntry) => folder !== undefined;
const isSubscribed = ({ subscribed }: ListEntry) => subscribed;

test('entries are folders, subscriptions and the levels above these, each once and in order', () => {
  assert.deepEqual(
    entries.map(({ name, folder, subscribed }) => [name, folder !== undefined, subscribed]),
    [
      ['INBOX', true, true],
      ['a', true, false],
      ['a/b', true, true],
      ['a/b/c', true, false],
      ['a/gone', false, false],
      ['a/gone/x', false, true],
      ['z', true, true],
    ],
  );
});

test('the levels above a name are its beginnings', () => {
  assert.deepEqual(levelsAbove('a/b/c'), ['a', 'a/b']);
  assert.deepEqual(levelsAbove('a'), []);
});

test('shown is what is selected and matches', async () => {
  assert.equal(await shown('*'), 'INBOX a a/b a/b/c z');
  assert.equal(await shown('%'), 'INBOX a z');
  assert.equal(await shown('*', { selects: isSubscribed }), 'INBOX a/b a/gone/x z');
  assert.equal(await shown('%', { selects: isSubscribed }), 'INBOX z');
  assert.equal(await shown('*', { selects: () => false }), '');
});

test('a recursive request shows too what has something selected below it', async () => {
  const request = { selects: isSubscribed, recursive: true };
  assert.equal(await shown('%', request), 'INBOX (a) z');
  assert.equal(await shown('a/%', request), 'a/b (a/gone)');
  assert.equal(await shown('*', request), 'INBOX (a) a/b (a/gone) a/gone/x z');
  assert.equal(await shown('%', { selects: isFolder, recursive: true }), 'INBOX a z');
});

test('a name that several patterns match is shown once', async () => {
  const patterns = ['%', 'a*', 'a/b'].map((pattern) => joinPattern('', pattern));
  assert.equal(await shown('', { patterns }), 'INBOX a a/b a/b/c z');
});
