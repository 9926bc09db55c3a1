/** neomutt in a terminal: what its user sees of the mailbox, reads, flags, files, deletes and writes. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { ImapDialog, type Fetched } from '../end-to-end/imap-dialog.ts';
import { TestPosta } from '../end-to-end/posta.ts';
import { deliver } from '../end-to-end/smtp-dialog.ts';
import { waitForMessages } from './mailbox.ts';
import { Terminal } from './terminal.ts';

const paco = { user: 'paco@example.test', password: 'paco-password' };

let posta: TestPosta;
let scratch: string;
before(async () => {
  posta = await TestPosta.start();
  scratch = await mkdtemp(join(tmpdir(), 'posta-neomutt-'));
  await writeFile(join(scratch, 'muttrc'), configuration());
  await writeFile(editor(), '#!/bin/sh\necho "Hola, Pepe." >>"$1"\n');
  await chmod(editor(), 0o700);
});
after(async () => {
  await posta[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

const editor = () => join(scratch, 'editor');

const configuration = () => `
set imap_user="${paco.user}" imap_pass="${paco.password}"
set smtp_url="smtps://paco%40example.test@localhost:${posta.ports.submissions}" smtp_pass="${paco.password}"
set certificate_file="${join(posta.dataDir, 'tls', 'certificate.pem')}"
set folder="imaps://localhost:${posta.ports.imaps}/" spoolfile="+INBOX" record="+Sent" postponed="+Drafts"
set from="${paco.user}" realname="Paco" use_envelope_from=yes
set delete=yes quit=yes move=no confirmappend=no confirmcreate=no mark_old=no wait_key=no fast_reply=yes
set imap_check_subscribed=no mail_check=1 timeout=1 imap_keepalive=30 sort=mailbox-order
set message_cachedir="" header_cache=""
set editor="${editor()}" abort_unmodified=no
`;

const letter = (name: string) =>
  `From: Ana <ana@elsewhere.test>\r\nTo: ${paco.user}\r\nSubject: =?utf-8?q?${name}_a=C3=B1o?=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nEl año ${name}.\r\n`;

async function send(name: string, there: number): Promise<void> {
  await deliver(posta.ports.smtp, {
    from: 'ana@elsewhere.test',
    to: [paco.user],
    parameters: 'BODY=8BITMIME',
    message: letter(name),
  });
  await waitForMessages(posta, { ...paco, count: there });
}

/** Each test begins with these in INBOX, and an empty Archive. */
const names = ['uno', 'dos', 'tres', 'cuatro'];
beforeEach(async () => {
  using dialog = await ImapDialog.logIn(posta, paco);
  for (const mailbox of ['INBOX', 'Archive']) {
    await dialog.command(`CREATE ${mailbox}`);
    await dialog.ok(`SELECT ${mailbox}`);
    await dialog.command('STORE 1:* +FLAGS.SILENT (\\Deleted)');
    await dialog.ok('CLOSE');
  }
  for (const [index, name] of names.entries()) await send(name, index + 1);
});

/** What Posta holds in a folder. */
async function stored(mailbox: string): Promise<Fetched[]> {
  using dialog = await ImapDialog.logIn(posta, paco, { mailbox });
  return await dialog.messages();
}

/** Each message's name and flags. */
async function held(mailbox: string): Promise<string[]> {
  return (await stored(mailbox)).map(
    ({ message, flags }) =>
      `${/Subject: =\?utf-8\?q\?(\w+)_a/.exec(message.toString())?.[1]} ${flags.join(' ')}`,
  );
}

const neomutt = () =>
  Terminal.start(`neomutt -n -F ${join(scratch, 'muttrc')}`, { folder: scratch, env: { HOME: scratch } });

test('its user sees the mailbox, and reads a message, which is then seen', async () => {
  await using terminal = await neomutt();
  const index = await terminal.shows(/cuatro año/);
  for (const [at, name] of names.entries())
    assert.match(index, new RegExp(`^ *${at + 1} N .* Ana .* ${name} año`, 'm'));
  await terminal.press('Enter');
  const message = await terminal.shows(/El año/);
  assert.match(message, /^Subject: uno año/m);
  assert.match(message, /^El año uno\.$/m);
  await terminal.press('q', 'q');
  await terminal.ended();
  assert.deepEqual(await held('INBOX'), ['uno \\Seen', 'dos ', 'tres ', 'cuatro ']);
});

test('its user flags, copies, files and deletes', async () => {
  await using terminal = await neomutt();
  await terminal.shows(/cuatro año/);
  await terminal.press('F');
  await terminal.shows(/^ *1 N? *! /m);
  // C copies, s saves: copies and deletes.
  await terminal.press('1', 'Enter', 'C');
  await terminal.shows(/Copy to mailbox/);
  await terminal.press('C-u', '=Archive', 'Enter');
  await terminal.shows(/^ *1 .*uno año/m);
  await terminal.press('2', 'Enter', 's');
  await terminal.shows(/Save to mailbox/);
  await terminal.press('C-u', '=Archive', 'Enter');
  await terminal.shows(/^ *2 N?D/m);
  await terminal.press('3', 'Enter', 'd');
  await terminal.shows(/^ *3 N?D/m);
  await terminal.press('$');
  await terminal.shows(/^ *2 .*cuatro año/m);
  await terminal.press('q');
  await terminal.ended();
  assert.deepEqual(await held('INBOX'), ['uno \\Flagged', 'cuatro ']);
  assert.deepEqual(await held('Archive'), ['uno \\Flagged', 'dos ']);
});

test('its user searches on the server, and goes to another folder and back', async () => {
  using dialog = await ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' });
  await dialog.ok('COPY 2 Archive');
  await using terminal = await neomutt();
  await terminal.shows(/cuatro año/);
  await terminal.press('l');
  await terminal.shows(/Limit to messages/);
  await terminal.press('=b tres', 'Enter');
  const limited = await terminal.shows(/Msgs:1\/4/);
  assert.match(limited, /tres año/);
  assert.doesNotMatch(limited, /cuatro año/);
  await terminal.press('c');
  await terminal.shows(/Open mailbox/);
  await terminal.press('C-u', '=Archive', 'Enter');
  const archive = await terminal.shows(/^ *1 .*dos año/m);
  assert.doesNotMatch(archive, /uno año/);
  await terminal.press('q');
  await terminal.ended();
});

test('its user sees what comes while the mailbox is open', async () => {
  await using terminal = await neomutt();
  await terminal.shows(/cuatro año/);
  await send('cinco', 5);
  await terminal.shows(/^ *5 N .*cinco año/m);
  using dialog = await ImapDialog.logIn(posta, paco, { mailbox: 'INBOX' });
  await dialog.ok('STORE 1 +FLAGS.SILENT (\\Deleted)');
  await dialog.ok('EXPUNGE');
  await terminal.shows(/^ *1 N .*dos año/m);
  await terminal.press('q');
  await terminal.ended();
});

test('its user writes: a draft is in Drafts, and what is sent is in Sent', async () => {
  await using terminal = await neomutt();
  await terminal.shows(/cuatro año/);
  for (const keys of [
    ['m', 'pepe@example.test', 'Enter', 'from neomutt', 'Enter'],
    ['q', 'y'],
  ])
    await terminal.press(...keys);
  await terminal.shows(/Message postponed/);
  const [draft] = await stored('Drafts');
  assert.match(draft?.message.toString() ?? '', /\r\n\r\nHola, Pepe\.\r\n$/);
  assert.ok(draft?.flags.includes('\\Draft'));
  // m offers it again.
  await terminal.press('m', 'y');
  await terminal.shows(/Subject: from neomutt/);
  await terminal.press('y');
  await terminal.shows(/Mail sent/);
  await terminal.press('q');
  await terminal.ended();
  const [received] = await waitForMessages(posta, {
    user: 'pepe@example.test',
    password: 'pepe-password',
    count: 1,
  });
  const [sent] = await stored('Sent');
  assert.deepEqual(sent?.flags, ['\\Seen']);
  for (const message of [received, sent.message])
    assert.match(
      message?.toString() ?? '',
      /(?:^|\r\n)Subject: from neomutt\r\n[^]*\r\n\r\nHola, Pepe\.\r\n(?:Hola, Pepe\.\r\n)?$/,
    );
  assert.deepEqual(await stored('Drafts'), []);
});
