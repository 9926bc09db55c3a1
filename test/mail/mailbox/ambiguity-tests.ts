/** Commits whose end is not known at once: nothing is doubled, nothing is lost. For the table of any driver. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommitFailed } from '../../../mail/mailbox/commit.ts';
import { systemFlags } from '../../../mail/mailbox/flags.ts';
import {
  contentsOf,
  deliverMany,
  idsIn,
  mailboxNamed,
  mailKit,
  newMessage,
  numbered,
  uidOf,
} from './mail-kit.ts';
import type { Fault, MailKit, OpenTemporaryTable } from './mail-kit.ts';

const faults: readonly Fault[] = ['answerLost', 'requestLost', 'late', 'conflict', 'throttled'];

/** Every operation once, with what must be there at the end. */
async function everyOperation({ mail, inbox }: MailKit): Promise<void> {
  await mail.deliver(['a', 'b'].map((id) => newMessage(id)));
  await mail.append({ mailbox: inbox, messages: [newMessage('c')] });
  const flags = { system: systemFlags.seen, keywords: ['x'] };
  await mail.storeFlags({ mailbox: inbox, uids: [uidOf(1)], action: 'add', flags });
  const archive = await mailboxNamed(mail, 'Archive');
  await mail.copy({ from: inbox, to: archive, uids: [uidOf(1)] });
  await mail.move({ from: inbox, to: archive, uids: [uidOf(2)] });
  await mail.expunge({ mailbox: inbox, uids: [uidOf(3)], any: true });
  await mail.undelete({ from: inbox, to: inbox, uids: [uidOf(3)] });
  await mail.createFolder({ name: 'New/Below' });
  await mail.renameFolder({ from: 'New', to: 'Other' });
  await mail.deleteFolder('Other/Below');
}

async function everythingIn(kit: MailKit) {
  const list = await kit.mail.listFolders();
  assert.ok(list.kind === 'folders');
  const names = list.folders.map(({ name }) => name);
  const archive = await mailboxNamed(kit.mail, 'Archive');
  const usage = await kit.mail.usage();
  return {
    names,
    usage,
    inbox: await contentsOf(kit.mail, kit.inbox),
    archive: await contentsOf(kit.mail, archive),
  };
}

/** The ids in INBOX; fails where one is there twice. */
async function distinctIn(kit: MailKit): Promise<ReadonlySet<string | undefined>> {
  const ids = await idsIn(kit.mail, kit.inbox);
  const distinct = new Set(ids);
  assert.equal(distinct.size, ids.length);
  return distinct;
}

async function undisturbed(openTable: OpenTemporaryTable) {
  await using kit = await mailKit({ openTable });
  await everyOperation(kit);
  return { commits: kit.staged.commits, everything: await everythingIn(kit) };
}

/** Defines the tests on tables that `openTable` makes. */
export function ambiguityTests(openTable: OpenTemporaryTable): void {
  for (const fault of faults)
    test(`${fault} at each commit of every operation changes nothing of the result`, async () => {
      const { commits, everything } = await undisturbed(openTable);
      assert.ok(commits >= 10);
      for (let at = 0; at < commits; at++) {
        await using kit = await mailKit({ openTable });
        kit.staged.faultFor = (commit) => (commit === at ? fault : undefined);
        await everyOperation(kit);
        assert.deepEqual(await everythingIn(kit), everything, `${fault} at commit ${at}`);
      }
    });

  for (const fault of faults)
    test(`a second writer between ${fault} and the next attempt loses nothing and doubles nothing`, async () => {
      await using kit = await mailKit({ openTable });
      const other = kit.another({ table: kit.raw, seed: 2 }).account(kit.account);
      kit.staged.faultFor = (commit) => (commit === 0 ? fault : undefined);
      kit.staged.beforeCommit = async (commit) => {
        if (commit === 1) await deliverMany(other, ['theirs']);
      };
      await deliverMany(kit.mail, ['mine1', 'mine2']);
      await deliverMany(kit.mail, ['mine3']);
      assert.deepEqual(await distinctIn(kit), new Set(['mine1', 'mine2', 'mine3', 'theirs']));
    });

  test('when no answer ever comes the change fails, and the next one works', async () => {
    await using kit = await mailKit({ openTable });
    kit.staged.faultFor = () => 'requestLost';
    await assert.rejects(kit.mail.deliver([newMessage('a')]), CommitFailed);
    kit.staged.faultFor = () => undefined;
    await deliverMany(kit.mail, ['b']);
    assert.deepEqual(await idsIn(kit.mail, kit.inbox), ['b']);
  });

  test('two processes that write at once take turns, and every message is there once', async () => {
    await using kit = await mailKit({ openTable });
    const other = kit.another({ seed: 2 }).account(kit.account);
    const mine = numbered('mine', 30);
    const theirs = numbered('theirs', 30);
    await Promise.all([
      ...mine.map((id) => deliverMany(kit.mail, [id])),
      (async () => {
        for (const id of theirs) await deliverMany(other, [id]);
      })(),
    ]);
    assert.deepEqual(await distinctIn(kit), new Set([...mine, ...theirs]));
  });

  test('a quota holds against two processes that race for its last room', async () => {
    await using kit = await mailKit({ openTable, quotaBytes: 10_500 });
    const other = kit.another({ seed: 2 }).account(kit.account);
    const deliveries = numbered('m', 40).map((id, at) =>
      (at % 2 === 0 ? kit.mail : other).deliver([newMessage(id)]),
    );
    const outcomes = (await Promise.all(deliveries)).flat();
    assert.equal(outcomes.filter(({ kind }) => kind === 'delivered').length, 10);
    assert.equal(outcomes.filter(({ kind }) => kind === 'overQuota').length, 30);
    const usage = await kit.mail.usage();
    assert.deepEqual(usage.kind === 'usage' && [usage.bytes, usage.messages], [10_000, 10]);
  });

  test('the same message delivered by two processes at once is there once', async () => {
    await using kit = await mailKit({ openTable });
    const other = kit.another({ seed: 2 }).account(kit.account);
    const ids = numbered('m', 25);
    const outcomes = await Promise.all([
      kit.mail.deliver(ids.map((id) => newMessage(id))),
      other.deliver(ids.toReversed().map((id) => newMessage(id))),
    ]);
    assert.equal(outcomes.flat().filter(({ kind }) => kind === 'delivered').length, 25);
    assert.deepEqual(await distinctIn(kit), new Set(ids));
  });
}
