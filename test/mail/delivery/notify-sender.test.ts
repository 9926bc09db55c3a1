/** Which notifications are sent, to whom, and that a repeat sends none twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlobMissing } from '../../../mail/ports/blobs.ts';
import { FailingBlobs, InjectedFailure } from '../../contracts/failing-blobs.ts';
import { readNotification } from './read-notification.ts';
import { NotifyKit, report } from './notify-kit.ts';

const logged = (kit: NotifyKit, name: string) =>
  kit.log.lines.filter(({ event }) => event === name).map(({ fields }) => fields['failed']);

test('a call makes one notification for each action, of those recipients whose NOTIFY asks for it', async () => {
  await using kit = await NotifyKit.open();
  await kit.tell([
    report(),
    report({ recipient: 'slow@example.test', action: 'delayed' }),
    report({ recipient: 'never@example.test', notify: ['NEVER'] }),
    report({ recipient: 'two@example.test' }),
    report({ recipient: 'fine@example.test', action: 'delivered' }),
    report({ recipient: 'asked@example.test', action: 'delivered', notify: ['SUCCESS'] }),
  ]);
  assert.deepEqual(
    (await kit.notifications()).map(({ status }) => status.recipients.map((each) => each['Final-Recipient'])),
    [
      ['rfc822; gone@example.test', 'rfc822; two@example.test'],
      ['rfc822; slow@example.test'],
      ['rfc822; asked@example.test'],
    ],
  );
  assert.deepEqual(logged(kit, 'notification.unasked'), [['never@example.test 5.1.1']]);
});

test('the same told again is the same notification, whatever time it is and whatever the words', async () => {
  await using kit = await NotifyKit.open();
  await kit.tell([report()]);
  const [first] = kit.here;
  const bytes = await kit.bytesOf(first?.blobKey ?? '');
  await kit.clock.advance(60_000);
  await kit.tell([report({ text: 'Other words.', lastAttemptAt: new Date() })]);
  const [, second] = kit.here;
  assert.equal(second?.messageId, first?.messageId);
  assert.equal(second?.blobKey, first?.blobKey);
  assert.deepEqual(await kit.bytesOf(first?.blobKey ?? ''), bytes);
});

test('another recipient, action, status or message is another notification', async () => {
  await using kit = await NotifyKit.open();
  await kit.tell([report()]);
  await kit.tell([report({ recipient: 'other@example.test' })]);
  await kit.tell([report({ action: 'delayed' })]);
  await kit.tell([report({ status: '5.2.2' })]);
  await kit.tell([report()], { messageId: 'm2' });
  assert.equal(new Set(kit.here.map(({ messageId }) => messageId)).size, 5);
});

test('a null sender, one that cannot be read and one whose mailbox is closed hear nothing, and the log says so', async () => {
  await using kit = await NotifyKit.open();
  for (const reversePath of [null, 'nobody', 'left@example.test', 'unknown@example.test'])
    await kit.tell([report(), report({ action: 'delivered', notify: ['SUCCESS'] })], { reversePath });
  assert.deepEqual([kit.here, kit.outside], [[], []]);
  assert.deepEqual(logged(kit, 'notification.none'), Array(4).fill(['gone@example.test 5.1.1']));
});

test('a notification lies where its sender’s mailbox adopts it, or waits for an alias to be opened', async () => {
  await using kit = await NotifyKit.open();
  await kit.tell([report()]);
  await kit.tell([report()], { reversePath: 'team@example.test', messageId: 'm2' });
  const [adopted, opened] = kit.here;
  assert.equal(adopted?.blobKey, `mailboxes/example.test/ann~a1/2026-11/${adopted?.messageId}.eml`);
  assert.equal(opened?.blobKey, `incoming/${opened?.messageId}.eml`);
});

test('to outside it goes without a Return-Path, to the address as it was written', async () => {
  await using kit = await NotifyKit.open();
  await kit.tell([report()], { reversePath: 'Some.One@Elsewhere.test' });
  await kit.tell([report()], { reversePath: 'jörg@elsewhere.test' });
  const [plain, international] = kit.outside;
  assert.deepEqual(plain?.recipient, { localPart: 'Some.One', domain: 'Elsewhere.test' });
  assert.equal(plain?.smtpUtf8, false);
  assert.equal(international?.smtpUtf8, true);
  const bytes = await kit.bytesOf(plain?.blobKey ?? '');
  assert.equal(bytes.length, plain?.sizeBytes);
  assert.deepEqual(readNotification(bytes).status.recipients[0]?.['Action'], 'failed');
});

test('hundreds of recipients are told in several notifications', async () => {
  await using kit = await NotifyKit.open();
  const name = (at: number) => `${'r'.repeat(58)}${at}@${'d'.repeat(60)}.test`;
  const reply = `550 ${'no '.repeat(2_000)}`;
  await kit.tell(Array.from({ length: 250 }, (_, at) => report({ recipient: name(at), reply })));
  const told = (await kit.notifications()).flatMap(({ status }) =>
    status.recipients.map((each) => each['Final-Recipient']),
  );
  assert.equal(kit.here.length, 3);
  assert.deepEqual(
    told,
    Array.from({ length: 250 }, (_, at) => `rfc822; ${name(at)}`),
  );
});

test('a fault while the original is copied leaves nothing, and the next attempt tells it', async () => {
  await using kit = await NotifyKit.open();
  for (const fault of ['read', 'write', 'finish'] as const) {
    const blobs = new FailingBlobs(kit.opened.blobs, (name) => (name === fault ? 'before' : undefined));
    await assert.rejects(kit.tell([report()], { ret: 'FULL' }, blobs), InjectedFailure);
  }
  assert.deepEqual(kit.here, []);
  await kit.tell([report()], { ret: 'FULL' });
  assert.equal((await kit.notification()).returned?.type, 'message/rfc822');
});

test('an original that goes while it is copied is a fault, and after that it is told of without it', async () => {
  await using kit = await NotifyKit.open();
  const { blobs } = kit.opened;
  const vanishing = Object.assign(Object.create(blobs) as typeof blobs, {
    head: async (key: string) => {
      if (key === 'original') await blobs.delete([key]);
      return blobs.head(key);
    },
    begin: () => blobs.begin(),
    read: (key: string, range?: { start: number; end: number }) => blobs.read(key, range),
  });
  await assert.rejects(kit.tell([report()], { ret: 'FULL' }, vanishing), BlobMissing);
  await kit.tell([report()], { ret: 'FULL' });
  assert.equal((await kit.notification()).returned, undefined);
});
