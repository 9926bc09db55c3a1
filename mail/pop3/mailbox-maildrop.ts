/** The maildrops of accounts here: the INBOX as it is at login, locked by the lease of the mail store. */
import type { Lease } from '../mailbox/maildrop-lease.ts';
import type { AccountMail, MailStore, OpenMailbox } from '../mailbox/mail-store.ts';
import { parseAccountId, sound, type Uid } from '../mailbox/types.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { HeldMaildropLock } from './maildrop-lock.ts';
import type { Maildrop, MaildropHost, MaildropMessage, NoMaildrop } from './maildrop.ts';

/** What maildrops stand on. */
export interface MailboxMaildropPorts {
  readonly store: MailStore;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly log: Log;
}

/** Indexes looked up at once when a message is first read; the next message is likely to be read next. */
const indexBatch = 64;

/** The host of POP3 engines over the mailboxes of this process. */
export function mailboxMaildrops(ports: MailboxMaildropPorts): MaildropHost {
  return {
    async open(principal) {
      const mail = ports.store.account(sound(parseAccountId(principal.accountId), 'account id'));
      const found = await mail.findMailbox('INBOX');
      if (found.kind !== 'found') return { kind: 'gone' };
      const lease = await mail.leaseMaildrop(found.mailbox);
      if (lease === undefined) return { kind: 'inUse' };
      return openLeased(ports, mail, { lease, mailbox: found.mailbox });
    },
  };
}

/** The mailbox is read under the lock: what a session before has deleted is not in it. */
async function openLeased(
  ports: MailboxMaildropPorts,
  mail: AccountMail,
  { lease, mailbox }: { readonly lease: Lease; readonly mailbox: OpenMailbox['mailbox'] },
): Promise<Maildrop | NoMaildrop> {
  const lock = new HeldMaildropLock({ ...ports, lease, account: mail.id });
  try {
    const opened = await mail.open(mailbox);
    if (opened.kind === 'open') return new MailboxMaildrop({ mail, opened, lock, blobs: ports.blobs });
  } catch (fault) {
    await lock.release();
    throw fault;
  }
  await lock.release();
  return { kind: 'gone' };
}

class MailboxMaildrop implements Maildrop {
  readonly kind = 'open';
  readonly messages: readonly MaildropMessage[];
  readonly #mail: AccountMail;
  readonly #opened: OpenMailbox;
  readonly #lock: HeldMaildropLock;
  readonly #blobs: Blobs;
  readonly #uids: readonly Uid[];
  /** Of the batch that was looked up last, by index; the rest of a message's index may be large, and is let go. */
  #blobKeys: ReadonlyMap<number, string | undefined> = new Map();

  constructor(parts: {
    readonly mail: AccountMail;
    readonly opened: OpenMailbox;
    readonly lock: HeldMaildropLock;
    readonly blobs: Blobs;
  }) {
    const { view } = parts.opened;
    this.#mail = parts.mail;
    this.#opened = parts.opened;
    this.#lock = parts.lock;
    this.#blobs = parts.blobs;
    this.#uids = Array.from({ length: view.count }, (_, index) => view.uidAt(index));
    this.messages = this.#uids.map((uid, index) => ({
      // Both parts are needed: a uid is used again where uidValidity is another (RFC 9051 section 2.3.1.1).
      uidl: `${view.uidValidity}.${uid}`,
      sizeBytes: view.sizeAt(index),
    }));
  }

  async *read(index: number): AsyncGenerator<Uint8Array> {
    const blobKey = await this.#blobKeyOf(index);
    yield* this.#blobs.read(blobKey);
  }

  async commit(deleted: readonly number[]): Promise<'done' | 'some'> {
    if (!(await this.#lock.confirm())) return 'some';
    const uids = deleted.flatMap((index) => this.#uids[index] ?? []);
    const { mailbox } = this.#opened;
    // `any` makes it durable as well.
    const outcome = await this.#mail.expunge({ mailbox, uids, any: true });
    return outcome.kind === 'expunged' ? 'done' : 'some';
  }

  async release(): Promise<void> {
    this.#opened.close();
    await this.#lock.release();
  }

  /** Also of a message that another session has just expunged. */
  async #blobKeyOf(index: number): Promise<string> {
    if (!this.#blobKeys.has(index)) {
      const uids = this.#uids.slice(index, index + indexBatch);
      const found = await this.#opened.findMessages(uids);
      this.#blobKeys = new Map(found.map((each, at) => [index + at, each?.blobKey]));
    }
    const blobKey = this.#blobKeys.get(index);
    if (blobKey === undefined) throw new MessageGone(this.#opened.mailbox, this.#uids[index]);
    return blobKey;
  }
}

/** A message was there at login, and its index is not there now: a fault of this session. */
export class MessageGone extends Error {
  constructor(mailbox: string, uid: number | undefined) {
    super(`the index of message ${uid} of mailbox ${mailbox} is gone`);
    this.name = 'MessageGone';
  }
}
