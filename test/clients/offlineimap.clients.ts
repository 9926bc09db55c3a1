/** OfflineIMAP keeps 500 messages in a Maildir: both ways, byte for byte, with flags and deletions. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
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
  scratch = await mkdtemp(join(tmpdir(), 'posta-offlineimap-'));
  client = { root: join(scratch, 'mail'), pathOf: (folder) => folder.replaceAll('/', '.'), sync };
  await fillAccount(posta);
});
after(async () => {
  await posta[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

async function sync(): Promise<void> {
  const config = join(scratch, 'offlineimaprc');
  await writeFile(
    config,
    `[general]
accounts = Posta
metadata = ${join(scratch, 'metadata')}

[Account Posta]
localrepository = Local
remoterepository = Remote

[Repository Local]
type = Maildir
localfolders = ${join(scratch, 'mail')}

[Repository Remote]
type = IMAP
remotehost = localhost
remoteport = ${posta.ports.imaps}
remoteuser = ${paco.user}
remotepass = ${paco.password}
ssl = yes
sslcacertfile = ${join(posta.dataDir, 'tls', 'certificate.pem')}
maxconnections = 2
`,
  );
  await chmod(config, 0o600);
  const result = await runClient('offlineimap', ['-c', config, '-o', '-u', 'basic'], {
    timeoutMs: 120_000,
    env: { HOME: scratch },
  });
  assert.equal(result.code, 0, result.stdout + result.stderr);
}

test('OfflineIMAP copies an account down, and the second run finds no difference', async () => {
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
