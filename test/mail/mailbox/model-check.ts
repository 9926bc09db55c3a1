/** Whether the store holds what the model says: folders, counts, records, places, usage, and views that stayed open. */
import assert from 'node:assert/strict';
import { systemFlags } from '../../../mail/mailbox/flags.ts';
import { clockKey, indexPrefix, mailboxPartition, messagePrefix } from '../../../mail/mailbox/keys.ts';
import { accountPartition } from '../../../mail/mailbox/keys.ts';
import type { AccountMail, OpenMailbox } from '../../../mail/mailbox/mail-store.ts';
import { parseMessageItem } from '../../../mail/mailbox/message-item.ts';
import type { MessageRecord } from '../../../mail/mailbox/message-record.ts';
import type { Rev } from '../../../mail/mailbox/types.ts';
import { queryAll } from '../../../mail/ports/table.ts';
import type { AccountModel, ModelMailbox } from './account-model.ts';
import { uidOf } from './mail-kit.ts';
import { blobKeyOf } from './sweep-kit.ts';
import type { SweepKit } from './sweep-kit.ts';

const count = <Thing>(things: Iterable<Thing>, test: (thing: Thing) => boolean) =>
  [...things].filter(test).length;

/** Names, ids, and what STATUS says; ids are learned here. */
export async function checkFolders(mail: AccountMail, model: AccountModel): Promise<void> {
  const list = await mail.listFolders();
  assert.ok(list.kind === 'folders');
  assert.deepEqual(
    list.folders.map(({ name, mailbox }) => `${name} ${mailbox === undefined}`).toSorted(),
    [...model.folders].map(([name, mailbox]) => `${name} ${mailbox === undefined}`).toSorted(),
  );
  for (const { name, mailbox: id, status } of list.folders) {
    const mailbox = model.folders.get(name);
    if (mailbox === undefined) continue;
    assert.ok(status);
    if (mailbox.id === undefined) {
      mailbox.id = id;
      mailbox.uidValidity = status.uidValidity;
      const others = model.mailboxes.filter((other) => other !== mailbox);
      assert.ok(others.every((other) => other.id !== id && other.uidValidity !== mailbox.uidValidity));
    }
    assert.equal(id, mailbox.id);
    const records = [...mailbox.records.values()];
    const { uidValidity, uidNext, messages, unseen, deleted, bytes } = status;
    assert.deepEqual(
      { uidValidity, uidNext, messages, unseen, deleted, bytes },
      {
        uidValidity: mailbox.uidValidity,
        uidNext: mailbox.uidNext,
        messages: records.length,
        unseen: count(records, ({ flags }) => (flags.system & systemFlags.seen) === 0),
        deleted: count(records, ({ flags }) => (flags.system & systemFlags.deleted) !== 0),
        bytes: mailbox.bytes,
      },
      name,
    );
  }
}

/** Bytes, messages and quota; the rev, which never falls. */
export async function checkUsage(mail: AccountMail, model: AccountModel, revBefore: number): Promise<number> {
  const usage = await mail.usage();
  assert.ok(usage.kind === 'usage');
  const messages = model.live.reduce((sum, { records }) => sum + records.size, 0);
  assert.deepEqual(
    [usage.bytes, usage.messages, usage.quotaBytes],
    [model.bytes, messages, model.quotaBytes],
  );
  assert.ok(usage.rev >= revBefore);
  return usage.rev;
}

export function recordsOf({ view }: OpenMailbox): readonly MessageRecord[] {
  return Array.from({ length: view.count }, (_, at) => view.recordAt(at));
}

/** The records of an open mailbox, and that each can be read. What the step changed has a modSeq above `revBefore`. */
export async function checkRecords(
  kit: SweepKit,
  options: { readonly open: OpenMailbox; readonly mailbox: ModelMailbox; readonly revBefore: number },
): Promise<void> {
  const { open, mailbox, revBefore } = options;
  const records = recordsOf(open);
  const indexes = await open.findMessages(records.map(({ uid }) => uid));
  assert.deepEqual(
    records.map(({ uid, size, system, keywords }, at) => {
      const index = indexes[at];
      return { uid: Number(uid), id: index?.messageId as string, size, flags: { system, keywords } };
    }),
    mailbox.uids.map((uid) => {
      const { id, size, flags } = mailbox.records.get(uid) ?? assert.fail();
      return { uid, id, size, flags };
    }),
  );
  for (const { uid, modSeq } of records) {
    const known = mailbox.records.get(uid);
    assert.ok(known);
    if (known.modSeq === undefined) assert.ok(modSeq > revBefore, `${uid} has modSeq ${modSeq}`);
    else assert.equal(modSeq, known.modSeq, `uid ${uid}`);
    known.modSeq = modSeq;
    assert.ok(modSeq <= open.view.highestModSeq);
    assert.ok(kit.blobs.stored.has(blobKeyOf(known.id)), `the bytes of ${known.id} are gone`);
  }
}

/** `message#`: which there are, their places, and when they expire. */
export async function checkMessages(kit: SweepKit, model: AccountModel): Promise<void> {
  const found = new Map<string, unknown>();
  for await (const item of queryAll(kit.table, {
    pk: accountPartition(kit.account),
    prefix: messagePrefix,
  })) {
    const { messageId, places, expiresAtMs } = parseMessageItem(item);
    const names = places.map(({ mailbox, uid }) => model.placeOf(model.byId(mailbox), uid));
    found.set(messageId, { places: names.toSorted(), expiresAtMs });
  }
  const expected = [...model.messages].map(([id, { places, expiresAtMs }]) => {
    return [id, { places: [...places].toSorted(), expiresAtMs }] as const;
  });
  assert.deepEqual(found, new Map(expected));
}

/** At the end: no index, block or blob that the model does not know, and none missing. */
export async function checkNothingElse(kit: SweepKit, model: AccountModel): Promise<void> {
  for (const mailbox of model.mailboxes) {
    if (mailbox.id === undefined) continue;
    const pk = mailboxPartition(mailbox.id);
    const keys: string[] = [];
    for await (const { sk } of queryAll(kit.table, { pk })) keys.push(sk);
    const uids = keys.flatMap((sk) =>
      sk.startsWith(indexPrefix) ? [Number(sk.slice(indexPrefix.length))] : [],
    );
    const expected = [...mailbox.uids, ...mailbox.gone.keys()].toSorted((one, other) => one - other);
    assert.deepEqual(uids, expected, 'indexes');
    if (mailbox.deleted) assert.equal(keys.length, uids.length);
  }
  assert.deepEqual(
    [...kit.blobs.stored.keys()].toSorted(),
    [...model.messages.keys()].map((id) => blobKeyOf(id)).toSorted(),
  );
  assert.ok(await kit.table.get(clockKey(kit.account)));
}

/** A session that keeps a mailbox open, and believes only what it is told. */
export class LongSession {
  readonly open: OpenMailbox;
  #known: Map<number, MessageRecord>;
  #rev: Rev;

  constructor(open: OpenMailbox) {
    this.open = open;
    this.#rev = open.view.rev;
    this.#known = new Map(recordsOf(open).map((record) => [record.uid, record]));
  }

  /** Follows, and compares what it was told with `fresh`, a scan; false: the mailbox is no more. */
  async follow(fresh: () => Promise<OpenMailbox | undefined>): Promise<boolean> {
    const { view } = this.open;
    if ((await this.open.refresh()) === 'deleted') {
      assert.equal(await fresh(), undefined);
      return false;
    }
    const scanned = await fresh();
    assert.ok(scanned);
    assert.deepEqual(recordsOf(this.open), recordsOf(scanned));
    assert.deepEqual(
      [view.rev, view.uidNext, view.highestModSeq, view.uidValidity],
      [scanned.view.rev, scanned.view.uidNext, scanned.view.highestModSeq, scanned.view.uidValidity],
    );
    for (const { kind, records } of view.changesSince(this.#rev) ?? assert.fail('changes were forgotten'))
      for (const record of records)
        if (kind === 'expunged') assert.ok(this.#known.delete(uidOf(record.uid)));
        else {
          assert.equal(this.#known.has(record.uid), kind === 'flags');
          this.#known.set(record.uid, record);
        }
    const told = [...this.#known.values()].toSorted((one, other) => one.uid - other.uid);
    assert.deepEqual(told, recordsOf(this.open));
    this.#rev = view.rev;
    return true;
  }
}
