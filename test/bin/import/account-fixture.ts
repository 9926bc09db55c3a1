/** Accounts in a data directory of their own, opened as the `posta` command opens it, and all that is in them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { adminPorts } from '../../../bin/admin-ports.ts';
import { exportMaildir, type ExportCounts } from '../../../bin/export/export-maildir.ts';
import { importMessages, type ImportCounts } from '../../../bin/import/import-messages.ts';
import { openSource } from '../../../bin/import/open-source.ts';
import { openOneMachine, type OneMachine } from '../../../bin/one-machine.ts';
import { Secret } from '../../../mail/auth/secret.ts';
import { addAccount } from '../../../mail/directory/change-account.ts';
import { addDomain } from '../../../mail/directory/change-domain.ts';
import { isRefused } from '../../../mail/directory/refused.ts';
import { parseAccountId, sound } from '../../../mail/mailbox/types.ts';
import { recordingLog } from '../../contracts/recording-log.ts';

/** What a message is, wherever it lies. */
export interface FiledMessage {
  readonly folder: string;
  readonly id: string;
  readonly system: number;
  readonly keywords: readonly string[];
  /** RFC 3339. */
  readonly receivedAt: string;
  readonly text: string;
}

export class AccountFixture implements AsyncDisposable {
  readonly folder: string;
  readonly machine: OneMachine;
  readonly #ids = new Map<string, string>();

  private constructor(folder: string, machine: OneMachine) {
    this.folder = folder;
    this.machine = machine;
  }

  static async open(): Promise<AccountFixture> {
    const folder = await mkdtemp(join(tmpdir(), 'posta-import-'));
    const machine = await openOneMachine({ data: join(folder, 'data'), log: recordingLog() });
    const fixture = new AccountFixture(folder, machine);
    await addDomain(adminPorts(machine), 'example.test');
    return fixture;
  }

  async add(address: string, quotaBytes?: number): Promise<void> {
    const password = new Secret('a password of a test');
    const added = await addAccount(adminPorts(this.machine), { address, password, quotaBytes });
    if (isRefused(added)) throw new Error(added.reason);
    this.#ids.set(address, added.account.id);
  }

  account(address: string) {
    return this.machine.mail.account(sound(parseAccountId(this.#ids.get(address) ?? ''), 'account id'));
  }

  /** A file below the fixture's folder; its path. */
  async put(name: string, content: string | Buffer): Promise<string> {
    const path = join(this.folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  async import(address: string, path: string, folder = 'INBOX'): Promise<ImportCounts> {
    const { blobs, store } = this.machine;
    const { table } = store;
    const account = this.account(address);
    const source = await openSource(path, folder);
    return importMessages({ source, account, address, table, blobs, progress: () => {} });
  }

  async export(address: string, path: string): Promise<ExportCounts> {
    const { blobs } = this.machine;
    return exportMaildir({ account: this.account(address), blobs, path, progress: () => {} });
  }

  /** Everything in the account, by folder and in the order of the uids. */
  async everything(address: string): Promise<FiledMessage[]> {
    const account = this.account(address);
    const list = await account.listFolders();
    if (list.kind === 'gone') throw new Error(`${address} is gone`);
    const found: FiledMessage[] = [];
    for (const { name, mailbox } of list.folders) {
      const opened = mailbox === undefined ? undefined : await account.open(mailbox);
      if (opened?.kind !== 'open') continue;
      for (let at = 0; at < opened.view.count; at++) {
        const { uid, system, keywords, internalDateSeconds } = opened.view.recordAt(at);
        const index = await opened.findMessage(uid);
        if (index === undefined) throw new Error(`no index for ${uid} in ${name}`);
        const chunks: Uint8Array[] = [];
        for await (const chunk of this.machine.blobs.read(index.blobKey)) chunks.push(chunk);
        found.push({
          folder: name,
          id: index.messageId,
          system,
          keywords,
          receivedAt: new Date(internalDateSeconds * 1000).toISOString(),
          text: Buffer.concat(chunks).toString('latin1'),
        });
      }
      opened.close();
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}
