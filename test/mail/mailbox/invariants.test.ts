/** Random changes by two processes over a table that answers badly: what is counted is what is there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommitFailed } from '../../../mail/mailbox/commit.ts';
import { systemFlags } from '../../../mail/mailbox/flags.ts';
import { accountPartition, logPrefix } from '../../../mail/mailbox/keys.ts';
import { parseLogItem } from '../../../mail/mailbox/log-record.ts';
import type { AccountMail } from '../../../mail/mailbox/mail-store.ts';
import type { MessageRecord } from '../../../mail/mailbox/message-record.ts';
import type { MailboxId } from '../../../mail/mailbox/types.ts';
import { queryAll } from '../../../mail/ports/table.ts';
import { AmbiguousTable, dynamoDbLimits, manyFaults } from '../../contracts/ambiguous-table.ts';
import { mailboxNamed, mailKit, newMessage, seededInteger, seededRandom, uidOf } from './mail-kit.ts';
import type { MailKit } from './mail-kit.ts';

const rounds = Number(process.env['POSTA_FUZZ_ROUNDS'] ?? 40);

interface Writer {
  readonly mail: AccountMail;
  readonly name: string;
  readonly integer: (below: number) => number;
}

/** One random change; what it delivered for certain is written down. */
async function step(
  writer: Writer,
  kept: { readonly boxes: readonly MailboxId[]; readonly delivered: Set<string> },
) {
  const { mail, integer } = writer;
  const box = (): MailboxId => kept.boxes[integer(kept.boxes.length)] ?? (kept.boxes[0] as MailboxId);
  const uids = Array.from({ length: 1 + integer(8) }, () => uidOf(1 + integer(60)));
  const flags = { system: integer(32), keywords: integer(2) === 0 ? [`k${integer(6)}`] : [] };
  const mailbox = box();
  switch (integer(6)) {
    case 0:
    case 1: {
      const names = Array.from({ length: 1 + integer(6) }, () => `m${integer(400)}`);
      const outcomes = await mail.deliver(names.map((name) => newMessage(name, { size: 1 + integer(5000) })));
      outcomes.forEach(({ kind }, at) => {
        if (kind === 'delivered' || kind === 'duplicate') kept.delivered.add(names[at] ?? '');
      });
      return;
    }
    case 2:
      await mail.storeFlags({ mailbox, uids, action: integer(2) === 0 ? 'add' : 'replace', flags });
      return;
    case 3:
      await mail.copy({ from: mailbox, to: box(), uids });
      return;
    case 4:
      await mail.move({ from: mailbox, to: box(), uids });
      return;
    default:
      await mail.expunge({ mailbox, uids, any: integer(3) === 0 });
  }
}

function recordsOf(log: ReadonlyMap<MailboxId, Map<number, MessageRecord>>, mailbox: MailboxId) {
  const records = [...(log.get(mailbox)?.values() ?? [])];
  return records.toSorted((one, other) => one.uid - other.uid);
}

/** What the log, followed from its beginning, says is there; each rev once and in order. */
async function replay(kit: MailKit) {
  const boxes = new Map<MailboxId, Map<number, MessageRecord>>();
  let rev = 0;
  for await (const item of queryAll(kit.raw, { pk: accountPartition(kit.account), prefix: logPrefix })) {
    const record = parseLogItem(item);
    assert.equal(record.rev, ++rev);
    for (const { kind, mailbox, records } of record.messages) {
      const box = boxes.get(mailbox) ?? new Map<number, MessageRecord>();
      boxes.set(mailbox, box);
      for (const each of records) {
        assert.equal(box.has(each.uid), kind !== 'added', `uid ${each.uid} is ${kind}`);
        if (kind === 'expunged') box.delete(each.uid);
        else box.set(each.uid, each);
      }
    }
  }
  return boxes;
}

for (const seed of [1, 2, 3])
  test(`counts, usage, log and blocks agree after ${rounds} rounds of two writers and many faults (seed ${seed})`, async () => {
    await using kit = await mailKit();
    const integer = seededInteger(seededRandom(seed));
    const random = () => integer(2 ** 20) / 2 ** 20;
    const table = new AmbiguousTable({ table: kit.raw, random, rates: manyFaults, limits: dynamoDbLimits });
    const writers = [seed + 10, seed + 20].map((own) => ({
      mail: kit.another({ table, seed: own }).account(kit.account),
      name: `w${own}`,
      integer: seededInteger(seededRandom(own)),
    }));
    const boxes = [kit.inbox, await mailboxNamed(kit.mail, 'Archive'), await mailboxNamed(kit.mail, 'Junk')];
    const kept = { boxes, delivered: new Set<string>() };
    for (let round = 0; round < rounds; round++)
      await Promise.all(
        writers.map(async (writer) => {
          await step(writer, kept).catch((fault: unknown) => {
            if (!(fault instanceof CommitFailed)) throw fault;
          });
        }),
      );
    await table.settle();
    assert.ok(table.faults > rounds / 2);
    const log = await replay(kit);
    let bytes = 0;
    let messages = 0;
    for (const mailbox of boxes) {
      const open = await kit.mail.open(mailbox);
      const status = await kit.mail.status(mailbox);
      assert.ok(open.kind === 'open' && status.kind === 'status');
      const records = Array.from({ length: open.view.count }, (_, at) => open.view.recordAt(at));
      assert.deepEqual(records, recordsOf(log, mailbox));
      const has = (flag: number) => records.filter(({ system }) => (system & flag) !== 0).length;
      assert.deepEqual(
        [status.messages, status.unseen, status.deleted],
        [records.length, records.length - has(systemFlags.seen), has(systemFlags.deleted)],
      );
      bytes += records.reduce((sum, { size }) => sum + size, 0);
      messages += records.length;
      const indexes = await open.findMessages(records.map(({ uid }) => uid));
      assert.ok(indexes.every((index) => index !== undefined && kept.delivered.has(index.messageId)));
      open.close();
    }
    const usage = await kit.mail.usage();
    assert.deepEqual(usage.kind === 'usage' && [usage.bytes, usage.messages], [bytes, messages]);
  });
