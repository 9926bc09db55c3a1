/** The views of a process: one for each open mailbox, shared by its sessions, and kept a while after the last closes. */
import type { Blobs } from '../ports/blobs.ts';
import type { Log } from '../ports/log.ts';
import type { Table } from '../ports/table.ts';
import { enterEpochChange } from './changes/account-changes.ts';
import type { AccountWriter } from './account-writer.ts';
import { findEnvelopes } from './find-envelopes.ts';
import { hasSideObject, heldAtOnce, readIndex, readOwnIndex } from './index-record.ts';
import { indexKey } from './keys.ts';
import { maxIdleViewMessages, maxIdleViews, maxRescans } from './limits.ts';
import type { OpenMailbox } from './mail-store.ts';
import type { MessageIndex } from './message-index.ts';
import type { Gone, NoSuchMailbox } from './outcome.ts';
import { readLog, scanMailbox, ScanOvertaken } from './scan-mailbox.ts';
import type { ScanOutcome } from './scan-mailbox.ts';
import type { AccountId, MailboxId, Uid } from './types.ts';
import { MailboxView } from './view.ts';

/** What the keeper reads from. */
export interface KeeperPorts {
  readonly table: Table;
  readonly blobs: Blobs;
  readonly log: Log;
  readonly epoch: number;
  readonly writerOf: (account: AccountId) => AccountWriter;
  /** `maxIdleViewMessages` unless given. */
  readonly maxIdleMessages?: number;
}

interface KeptView {
  readonly account: AccountId;
  readonly mailbox: MailboxId;
  readonly view: MailboxView;
  users: number;
  /** The refresh under way or the last one done. */
  running: Promise<unknown>;
  /** A refresh that has not begun: whoever asks now is served by it. */
  next: Promise<'current' | 'deleted'> | undefined;
}

export class ViewKeeper {
  readonly #ports: KeeperPorts;
  /** By account and mailbox; those without users in the order of their last use. */
  readonly #views = new Map<string, KeptView>();
  readonly #scans = new Map<string, Promise<KeptView | Gone | NoSuchMailbox>>();

  constructor(ports: KeeperPorts) {
    this.#ports = ports;
  }

  /** The mailbox as it is now. */
  async open(account: AccountId, mailbox: MailboxId): Promise<OpenMailbox | NoSuchMailbox | Gone> {
    const name = `${account}/${mailbox}`;
    const kept = this.#views.get(name);
    if (kept !== undefined) {
      kept.users++;
      if ((await this.#refreshOrClose(kept)) === 'deleted') return { kind: 'noSuchMailbox' };
      return this.#handle(kept);
    }
    const begun = this.#scans.get(name);
    const opened = await (begun ?? this.#scan(account, mailbox));
    if ('kind' in opened) return opened;
    opened.users++;
    // A scan that another call began may be older than this one.
    if (begun !== undefined && (await this.#refreshOrClose(opened)) === 'deleted')
      return { kind: 'noSuchMailbox' };
    return this.#handle(opened);
  }

  async #refreshOrClose(kept: KeptView): Promise<'current' | 'deleted'> {
    try {
      const state = await this.#refresh(kept);
      if (state === 'deleted') this.#close(kept);
      return state;
    } catch (fault) {
      this.#close(kept);
      throw fault;
    }
  }

  #scan(account: AccountId, mailbox: MailboxId): Promise<KeptView | Gone | NoSuchMailbox> {
    const name = `${account}/${mailbox}`;
    const scan = this.#scanInEpoch(account, mailbox)
      .then((end) => {
        if (end.kind !== 'scanned') return end;
        const view = new MailboxView(mailbox, end.scanned);
        const kept: KeptView = {
          account,
          mailbox,
          view,
          users: 0,
          running: Promise.resolve(),
          next: undefined,
        };
        this.#views.set(name, kept);
        return kept;
      })
      .finally(() => this.#scans.delete(name));
    this.#scans.set(name, scan);
    return scan;
  }

  async #scanInEpoch(
    account: AccountId,
    mailbox: MailboxId,
  ): Promise<Exclude<ScanOutcome, { readonly kind: 'olderEpoch' }>> {
    const { table, epoch, writerOf } = this.#ports;
    for (let attempt = 0; attempt < maxRescans; attempt++) {
      const end = await scanMailbox({ table, account, mailbox, epoch });
      if (end.kind !== 'olderEpoch') return end;
      await writerOf(account).submit(enterEpochChange([mailbox]));
    }
    throw new ScanOvertaken(mailbox);
  }

  #refresh(kept: KeptView): Promise<'current' | 'deleted'> {
    if (kept.next !== undefined) return kept.next;
    const next = kept.running
      .catch(() => undefined)
      .then(() => {
        kept.next = undefined;
        return this.#follow(kept);
      });
    kept.next = next;
    kept.running = next;
    return next;
  }

  async #follow({ account, mailbox, view }: KeptView): Promise<'current' | 'deleted'> {
    if (view.deleted) return 'deleted';
    const records = await readLog({ table: this.#ports.table, account }, { after: view.rev });
    if (records === undefined) {
      const end = await this.#scanInEpoch(account, mailbox);
      if (end.kind === 'scanned') view.restart(end.scanned);
      else view.markDeleted();
    } else for (const record of records) view.apply(record);
    return view.deleted ? 'deleted' : 'current';
  }

  #handle(kept: KeptView): OpenMailbox {
    const { account, mailbox, view } = kept;
    let open = true;
    return {
      kind: 'open',
      account,
      mailbox,
      view,
      refresh: () => this.#refresh(kept),
      findMessage: async (uid) => (await this.#findMessages(mailbox, [uid]))[0],
      findMessages: (uids) => this.#findMessages(mailbox, uids),
      findEnvelopes: (uids) => findEnvelopes(this.#ports, { mailbox, uids, uidNext: view.uidNext }),
      close: () => {
        if (open) this.#close(kept);
        open = false;
      },
    };
  }

  async #findMessages(
    mailbox: MailboxId,
    uids: readonly Uid[],
  ): Promise<readonly (MessageIndex | undefined)[]> {
    const { table, blobs } = this.#ports;
    const items = await table.getMany(uids.map((uid) => indexKey(mailbox, uid)));
    const held = heldAtOnce(items);
    if (!held.some((item) => item !== undefined && hasSideObject(item)))
      return held.map((item) => item && readOwnIndex(item));
    return Promise.all(held.map(async (item) => item && readIndex(blobs, item)));
  }

  #close(kept: KeptView): void {
    if (--kept.users > 0) return;
    const name = `${kept.account}/${kept.mailbox}`;
    this.#views.delete(name);
    if (kept.view.deleted) return;
    kept.view.forgetChanges();
    this.#views.set(name, kept);
    this.#dropIdle();
  }

  /** The longest unused first. The last one stays however large it is: a client that looks now and then has it again. */
  #dropIdle(): void {
    const { maxIdleMessages = maxIdleViewMessages } = this.#ports;
    const idle = [...this.#views].filter(([, { users }]) => users === 0);
    let messages = idle.reduce((sum, [, { view }]) => sum + view.count, 0);
    let views = idle.length;
    for (const [name, { view }] of idle) {
      if (views <= 1 || (views <= maxIdleViews && messages <= maxIdleMessages)) return;
      this.#views.delete(name);
      views--;
      messages -= view.count;
    }
  }
}
