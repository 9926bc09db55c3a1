/** `\Recent`: each message is given to one session, whatever becomes of the commits that say so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountMail } from '../../../mail/mailbox/mail-store.ts';
import type { MailboxId } from '../../../mail/mailbox/types.ts';
import { deliverMany, mailKit, numbered, uidOf, type MailKit } from './mail-kit.ts';

function readsOf({ staged }: MailKit): number {
  return staged.gets + staged.queries + staged.batches;
}

async function countOf(mail: AccountMail, mailbox: MailboxId): Promise<number> {
  const status = await mail.status(mailbox);
  assert.ok(status.kind === 'status');
  return mail.recentCount(status);
}

test('looking at what is recent claims nothing', async () => {
  await using kit = await mailKit();
  const { mail, inbox } = kit;
  assert.equal(await mail.recentFrom(inbox, uidOf(4)), 1);
  assert.equal(await mail.recentFrom(inbox, uidOf(4)), 1);
  assert.equal(await mail.claimRecent(inbox, uidOf(4)), 1);
  assert.equal(await mail.recentFrom(inbox, uidOf(4)), 4);
  assert.equal(await mail.recentFrom(inbox, uidOf(6)), 4);
});

test('what is known to be claimed is not read again', async () => {
  await using kit = await mailKit();
  const { mail, inbox } = kit;
  await mail.claimRecent(inbox, uidOf(4));
  const before = readsOf(kit);
  assert.equal(await mail.claimRecent(inbox, uidOf(4)), 4);
  assert.equal(await mail.recentFrom(inbox, uidOf(3)), 3);
  assert.equal(readsOf(kit), before);
});

test('an empty mailbox has nothing to claim, and nothing is written', async () => {
  await using kit = await mailKit();
  const { commits } = kit.staged;
  assert.equal(await kit.mail.claimRecent(kit.inbox, uidOf(1)), 1);
  assert.equal(kit.staged.commits, commits);
});

test('what another process has claimed is not claimed again, though this one knows an older watermark', async () => {
  await using kit = await mailKit();
  const { mail, inbox } = kit;
  const other = kit.another({ table: kit.raw, seed: 2 }).account(kit.account);
  await mail.claimRecent(inbox, uidOf(2));
  await other.claimRecent(inbox, uidOf(5));
  assert.equal(await mail.claimRecent(inbox, uidOf(5)), 5);
  assert.equal(await mail.claimRecent(inbox, uidOf(7)), 5);
});

test('two processes that claim at once share what there is', async () => {
  await using kit = await mailKit();
  const { mail, inbox } = kit;
  const other = kit.another({ table: kit.raw, seed: 2 }).account(kit.account);
  let claimed: number | undefined;
  kit.staged.beforeCommit = async () => {
    claimed ??= await other.claimRecent(inbox, uidOf(4));
  };
  assert.equal(await mail.claimRecent(inbox, uidOf(6)), 4);
  assert.equal(claimed, 1);
});

for (const fault of ['requestLost', 'conflict', 'throttled'] as const)
  test(`a claim that ended in ${fault} is made again`, async () => {
    await using kit = await mailKit();
    const first = kit.staged.commits;
    kit.staged.faultFor = (commit) => (commit < first + 3 ? fault : undefined);
    assert.equal(await kit.mail.claimRecent(kit.inbox, uidOf(4)), 1);
    assert.equal(await kit.mail.recentFrom(kit.inbox, uidOf(4)), 4);
  });

test('a claim whose answer was lost gives the messages to nobody twice', async () => {
  await using kit = await mailKit();
  const first = kit.staged.commits;
  kit.staged.faultFor = (commit) => (commit === first ? 'answerLost' : undefined);
  assert.equal(await kit.mail.claimRecent(kit.inbox, uidOf(4)), 4);
  assert.equal(await kit.mail.claimRecent(kit.inbox, uidOf(4)), 4);
});

test('a claim that never succeeds gives nothing, and the mailbox opens without', async () => {
  await using kit = await mailKit();
  kit.staged.faultFor = () => 'throttled';
  assert.equal(await kit.mail.claimRecent(kit.inbox, uidOf(4)), 4);
});

test('STATUS counts what is recent with one read more while nothing was taken out', async () => {
  await using kit = await mailKit();
  const { mail, inbox } = kit;
  await deliverMany(mail, numbered('m', 5));
  const status = async () => {
    const told = await mail.status(inbox);
    assert.ok(told.kind === 'status');
    return told;
  };
  const counted = async () => {
    const told = await status();
    const before = readsOf(kit);
    return { recent: await mail.recentCount(told), reads: readsOf(kit) - before };
  };
  assert.deepEqual(await counted(), { recent: 5, reads: 1 });
  await mail.claimRecent(inbox, uidOf(4));
  assert.deepEqual(await counted(), { recent: 2, reads: 1 });
  await mail.claimRecent(inbox, uidOf(6));
  assert.deepEqual(await counted(), { recent: 0, reads: 0 });
});

test('STATUS counts only what is there of what is recent', async () => {
  await using kit = await mailKit();
  const { mail, inbox: mailbox } = kit;
  await deliverMany(mail, numbered('m', 200));
  await mail.expunge({ mailbox, uids: [2, 150].map(uidOf), any: true });
  assert.equal(await countOf(mail, mailbox), 198);
  await mail.claimRecent(mailbox, uidOf(101));
  assert.equal(await countOf(mail, mailbox), 99);
  await mail.expunge({ mailbox, uids: [100, 101, 200].map(uidOf), any: true });
  assert.equal(await countOf(mail, mailbox), 97);
  kit.staged.pageItems = 1;
  assert.equal(await countOf(mail, mailbox), 97);
  await mail.claimRecent(mailbox, uidOf(201));
  assert.equal(await countOf(mail, mailbox), 0);
});
