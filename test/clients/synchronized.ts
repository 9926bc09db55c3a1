/** What the clients that keep a copy of an account are tried with: 500 messages in folders, changed at both ends. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ImapDialog } from '../end-to-end/imap-dialog.ts';
import type { TestPosta } from '../end-to-end/posta.ts';
import { maildirFlags, readMaildirs, type MaildirMessage } from './maildir.ts';

export const paco = { user: 'paco@example.test', password: 'paco-password' };

/** By their names on the wire; so many messages in each. */
export const folders: Readonly<Record<string, number>> = { INBOX: 300, 'Work/2026': 150, 'B&AOQ-ume': 50 };

export function letter(name: string): string {
  const lines = randomBytes(300).toString('base64').replace(/.{76}/g, '$&\r\n');
  return `From: Pepe <pepe@example.test>\r\nTo: ${paco.user}\r\nSubject: ${name}\r\nMessage-ID: <${randomBytes(9).toString('hex')}@client.test>\r\n\r\n.dot\r\n${lines}\r\n`;
}

const flagSets = ['', '\\Seen', '\\Seen \\Flagged', '\\Seen \\Answered', '\\Draft', '\\Flagged'];

/** Makes the folders and appends their messages, with different flags. */
export async function fillAccount(posta: TestPosta): Promise<void> {
  using dialog = await ImapDialog.logIn(posta, paco);
  for (const [name, count] of Object.entries(folders)) {
    if (name !== 'INBOX') await dialog.ok(`CREATE "${name}"`);
    await dialog.ok(`SUBSCRIBE "${name}"`);
    for (let number = 1; number <= count; number++) {
      const answer = await dialog.append(
        `"${name}" (${flagSets[number % flagSets.length]})`,
        letter(`${name} ${number}`),
      );
      assert.match(answer.tagged, /^OK /);
    }
  }
}

/** What Posta holds, as a Maildir would show it: by folder, `flags` and `message`, sorted by content. */
export async function heldBy(
  posta: TestPosta,
): Promise<Record<string, { readonly flags: string; readonly message: string }[]>> {
  using dialog = await ImapDialog.logIn(posta, paco);
  const held: Record<string, { flags: string; message: string }[]> = {};
  for (const name of Object.keys(folders)) {
    await dialog.ok(`SELECT "${name}"`);
    held[name] = (await dialog.messages())
      .map(({ flags, message }) => ({
        flags: maildirFlags(flags),
        message: message.toString('latin1').replace(/^X-(?:TUID|OfflineIMAP): .*\r\n/m, ''),
      }))
      .sort((a, b) => (a.message < b.message ? -1 : 1));
  }
  return held;
}

/** A client, its tree of Maildirs, and how it names a folder in it. */
export interface Synchronizer {
  readonly root: string;
  readonly pathOf: (folder: string) => string;
  /** One run; throws when the client fails. */
  sync(): Promise<void>;
}

/** The tree holds what Posta holds: the same bytes and flags in each folder. */
export async function assertSame(posta: TestPosta, { root, pathOf }: Synchronizer): Promise<void> {
  const tree = await readMaildirs(root);
  const held = await heldBy(posta);
  for (const [name, messages] of Object.entries(held)) {
    const there = (tree[pathOf(name)] ?? []).map(({ flags, message }) => ({ flags, message }));
    assert.equal(there.length, messages.length, `messages in ${name}`);
    assert.deepEqual(there, messages, name);
  }
}

/** Changes at the client's end: a new message, a deleted one, one with other flags, in each folder. */
export async function changeTree({ root, pathOf }: Synchronizer): Promise<void> {
  const tree = await readMaildirs(root);
  for (const name of Object.keys(folders)) {
    const [deleted, flagged] = (tree[pathOf(name)] ?? []) as [MaildirMessage, MaildirMessage];
    await rm(join(root, deleted.file));
    await rename(join(root, flagged.file), join(root, withFlags(flagged.file, 'FRS')));
    await mkdir(join(root, pathOf(name), 'cur'), { recursive: true });
    const file = `${Date.now()}.1.client.test:2,S`;
    await writeFile(
      join(root, pathOf(name), 'cur', file),
      letter(`new at the client in ${name}`).replaceAll('\r\n', '\n'),
    );
  }
}

function withFlags(file: string, flags: string): string {
  return `${file.replace(/\/new\//, '/cur/').replace(/:2,.*$/, '')}:2,${flags}`;
}

/** Changes at Posta's end: as `changeTree`, by an IMAP session. */
export async function changeAccount(posta: TestPosta): Promise<void> {
  using dialog = await ImapDialog.logIn(posta, paco);
  for (const name of Object.keys(folders)) {
    await dialog.ok(`SELECT "${name}"`);
    await dialog.ok('STORE 5,7 +FLAGS.SILENT (\\Deleted)');
    await dialog.ok('EXPUNGE');
    await dialog.ok('STORE 10:20 FLAGS.SILENT (\\Seen \\Answered)');
    await dialog.append(`"${name}"`, letter(`new at Posta in ${name}`));
  }
}

/** The names of all files, and when each folder's messages last changed in Posta. */
async function stateOf(posta: TestPosta, { root }: Synchronizer): Promise<unknown> {
  using dialog = await ImapDialog.logIn(posta, paco);
  const states: string[] = [];
  for (const name of Object.keys(folders)) {
    const { untagged } = await dialog.ok(`STATUS "${name}" (MESSAGES UIDNEXT HIGHESTMODSEQ)`);
    states.push(...untagged.map(({ text }) => text));
  }
  const files = Object.values(await readMaildirs(root)).flatMap((messages) =>
    messages.map(({ file }) => file),
  );
  return { states, files: files.toSorted() };
}

/** Once more changes nothing at either end. */
export async function assertSettled(posta: TestPosta, client: Synchronizer): Promise<void> {
  const expected = await stateOf(posta, client);
  await client.sync();
  assert.deepEqual(await stateOf(posta, client), expected);
}
