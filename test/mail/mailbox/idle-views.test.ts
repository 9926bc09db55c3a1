/** Which views stay in memory when no session has them open. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MailboxId } from '../../../mail/mailbox/types.ts';
import { ViewKeeper } from '../../../mail/mailbox/view-keeper.ts';
import { deliverMany, mailboxNamed, mailKit, newMessage, numbered, silentLog } from './mail-kit.ts';

/** INBOX and Archive with 20 messages each, and a keeper that keeps so many messages. */
async function keeping(maxIdleMessages: number) {
  const kit = await mailKit();
  const { mail, inbox, account, staged, blobs } = kit;
  await deliverMany(mail, numbered('m', 20));
  await mail.deliver(numbered('a', 20).map((name) => ({ ...newMessage(name), folder: 'Archive' })));
  const keeper = new ViewKeeper({
    table: staged,
    blobs,
    log: silentLog,
    epoch: 1,
    writerOf: () => assert.fail('nothing is written'),
    maxIdleMessages,
  });
  let scans = 0;
  staged.afterPage = async ({ prefix }) => void (scans += prefix === 's#' ? 1 : 0);
  return {
    inbox,
    archive: await mailboxNamed(mail, 'Archive'),
    /** Opens and closes it; whether it was scanned. */
    async visit(mailbox: MailboxId): Promise<'scanned' | 'kept'> {
      const before = scans;
      const open = await keeper.open(account, mailbox);
      assert.ok(open.kind === 'open' && open.view.count === 20);
      open.close();
      return scans === before ? 'kept' : 'scanned';
    },
    [Symbol.asyncDispose]: () => kit[Symbol.asyncDispose](),
  };
}

test('views that nobody has open stay as long as they have no more messages than may be kept', async () => {
  await using kept = await keeping(40);
  const { inbox, archive } = kept;
  const visits = [];
  for (const mailbox of [inbox, archive, inbox, archive]) visits.push(await kept.visit(mailbox));
  assert.deepEqual(visits, ['scanned', 'scanned', 'kept', 'kept']);
});

test('the view that was used last stays, however large it is', async () => {
  await using kept = await keeping(10);
  const { inbox, archive } = kept;
  const visits = [];
  for (const mailbox of [inbox, inbox, archive, archive, inbox]) visits.push(await kept.visit(mailbox));
  assert.deepEqual(visits, ['scanned', 'kept', 'scanned', 'kept', 'scanned']);
});
