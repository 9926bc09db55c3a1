/** pepe at one Posta, paco at another, and mail clients that none of us wrote at both ends. */
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { messagesOf, takeMessage } from '../end-to-end/maildrop.ts';
import { paco, pepe, TwoPostas } from '../end-to-end/two-postas.ts';
import { readMaildirs } from './maildir.ts';
import { runClient } from './run.ts';
import { Terminal } from './terminal.ts';

let postas: TwoPostas;
let scratch: string;
before(async () => {
  postas = await TwoPostas.start();
  scratch = await mkdtemp(join(tmpdir(), 'posta-relay-clients-'));
});
after(async () => {
  await postas[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

const certificateOf = ({ dataDir }: { readonly dataDir: string }) => join(dataDir, 'tls', 'certificate.pem');

/** swaks hands a letter in at pepe's Posta, on 587 with STARTTLS and his password. */
async function swaks(subject: string): Promise<void> {
  const { code, stdout, stderr } = await runClient('swaks', [
    ...['--server', '127.0.0.1', '--port', String(postas.gmail.ports.submission), '--tls'],
    ...['--auth', 'PLAIN', '--auth-user', pepe.user, '--auth-password', pepe.password],
    ...['--helo', 'client.test', '--from', pepe.user, '--to', paco.user],
    ...['--header', `Subject: ${subject}`, '--body', '.Hola, Paco.\\n..\\n.'],
  ]);
  assert.equal(code, 0, stdout + stderr);
}

async function mbsync(): Promise<string> {
  const root = join(scratch, 'mail');
  await mkdir(root);
  const config = join(scratch, 'mbsyncrc');
  await writeFile(
    config,
    `IMAPAccount hotmail
Host localhost
Port ${postas.hotmail.ports.imaps}
User ${paco.user}
Pass ${paco.password}
SSLType IMAPS
CertificateFile ${certificateOf(postas.hotmail)}

IMAPStore far
Account hotmail

MaildirStore near
Path ${root}/
Inbox ${root}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns INBOX
Create Near
SyncState *
`,
  );
  const { code, stdout, stderr } = await runClient('mbsync', ['--config', config, '--all']);
  assert.equal(code, 0, stdout + stderr);
  return root;
}

test('what swaks hands in at one Posta, mbsync brings down from the other', async () => {
  await swaks('by mbsync');
  const [stored] = await messagesOf(postas.hotmail, paco, 1);
  assert.match(
    stored?.toString() ?? '',
    /\r\nSubject: by mbsync\r\n[^]*\r\n\r\n\.Hola, Paco\.\r\n\.\.\r\n\.\r\n/,
  );
  const { INBOX: [message] = [] } = await readMaildirs(await mbsync());
  assert.equal(message?.message, stored?.toString('latin1'));
  await takeMessage(postas.hotmail, paco);
});

test('what swaks hands in at one Posta, neomutt shows at the other, and its answer comes back', async () => {
  const editor = join(scratch, 'editor');
  await writeFile(editor, '#!/bin/sh\necho "Hola, Pepe." >>"$1"\n');
  await chmod(editor, 0o700);
  const { imaps, submissions } = postas.hotmail.ports;
  await writeFile(
    join(scratch, 'muttrc'),
    `set imap_user="${paco.user}" imap_pass="${paco.password}"
set smtp_url="smtps://${paco.user.replace('@', '%40')}@localhost:${submissions}" smtp_pass="${paco.password}"
set certificate_file="${certificateOf(postas.hotmail)}"
set folder="imaps://localhost:${imaps}/" spoolfile="+INBOX" record="" postponed="+Drafts"
set from="${paco.user}" realname="Paco" use_envelope_from=yes editor="${editor}"
set mail_check=1 timeout=1 wait_key=no fast_reply=yes include=yes abort_unmodified=no message_cachedir="" header_cache=""
`,
  );
  await swaks('by neomutt');
  await messagesOf(postas.hotmail, paco, 1);
  await using terminal = await Terminal.start(`neomutt -n -F ${join(scratch, 'muttrc')}`, {
    folder: scratch,
    env: { HOME: scratch },
  });
  await terminal.shows(/^ *1 N .*by neomutt/m);
  await terminal.press('Enter');
  await terminal.shows(/^\.Hola, Paco\.$/m);
  await terminal.press('r');
  await terminal.shows(/Subject: Re: by neomutt/);
  await terminal.press('y');
  await terminal.shows(/Mail sent/);
  await terminal.press('q', 'q');
  await terminal.ended();
  const answer = (await takeMessage(postas.gmail, pepe)).toString();
  assert.match(answer, new RegExp(`^Return-Path: <${paco.user}>\\r\\n`));
  assert.match(answer, /\r\nSubject: Re: by neomutt\r\n[^]*\r\n> \.Hola, Paco\.\r\n[^]*Hola, Pepe\.\r\n/);
});
