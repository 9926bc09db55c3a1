/** mbsync keeps 500 messages in a Maildir: both ways, byte for byte, with flags and deletions. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { TestPosta } from '../end-to-end/posta.ts';
import { runClient } from './run.ts';
import {
  assertSame,
  assertSettled,
  changeAccount,
  changeTree,
  fillAccount,
  paco,
  type Synchronizer,
} from './synchronized.ts';

let posta: TestPosta;
let scratch: string;
let client: Synchronizer;
before(async () => {
  posta = await TestPosta.start();
  scratch = await mkdtemp(join(tmpdir(), 'posta-mbsync-'));
  const root = join(scratch, 'mail');
  await mkdir(root);
  client = { root, pathOf: (folder) => folder, sync: () => mbsync('IMAPS', posta.ports.imaps) };
  await fillAccount(posta);
});
after(async () => {
  await posta[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

async function mbsync(tls: 'IMAPS' | 'STARTTLS', port: number): Promise<void> {
  const config = join(scratch, 'mbsyncrc');
  await writeFile(
    config,
    `IMAPAccount posta
Host localhost
Port ${port}
User ${paco.user}
Pass ${paco.password}
SSLType ${tls}
CertificateFile ${join(posta.dataDir, 'tls', 'certificate.pem')}

IMAPStore far
Account posta

MaildirStore near
Path ${scratch}/mail/
Inbox ${scratch}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
CopyArrivalDate yes
SyncState *
`,
  );
  const result = await runClient('mbsync', ['--config', config, '--all', '--verbose'], {
    timeoutMs: 120_000,
  });
  assert.equal(result.code, 0, result.stdout + result.stderr);
}

test('mbsync copies an account down, and the second run finds no difference', async () => {
  await client.sync();
  await assertSame(posta, client);
  await assertSettled(posta, client);
});

test('what is new, deleted or flagged in the Maildir comes to Posta', async () => {
  await changeTree(client);
  await client.sync();
  await assertSame(posta, client);
  await assertSettled(posta, client);
});

test('what is new, deleted or flagged in Posta comes to the Maildir', async () => {
  await changeAccount(posta);
  await client.sync();
  await assertSame(posta, client);
  await assertSettled(posta, client);
});

test('changes at both ends meet, by STARTTLS too', async () => {
  await changeTree(client);
  await changeAccount(posta);
  await mbsync('STARTTLS', posta.ports.imap);
  await assertSame(posta, client);
  await assertSettled(posta, client);
});
