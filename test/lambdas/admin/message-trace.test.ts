/** `message trace`: what the log, the accounts and the outbound queue say of a message, put together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryMetrics } from '../../../drivers/system/metrics.ts';
import {
  messageTrace,
  type MessagePorts,
  type TracedMessage,
} from '../../../lambdas/admin/message-commands.ts';
import { putOutbound } from '../../../mail/delivery/outbound/outbound-queue.ts';
import { accountRemove } from '../../../lambdas/admin/account-commands.ts';
import { handleCommit } from '../../../mail/mailbox/feed/handle-commit.ts';
import { accountPartition, logPrefix } from '../../../mail/mailbox/keys.ts';
import type { AccountMail } from '../../../mail/mailbox/mail-store.ts';
import { queryAll } from '../../../mail/ports/table.ts';
import type { KeptLine } from '../../../mail/ports/kept-log.ts';
import { fakeKeptLog } from '../../contracts/fake-kept-log.ts';
import {
  account,
  directoryKit,
  done,
  refused,
  type DirectoryKit,
} from '../../mail/directory/directory-kit.ts';
import { mailboxNamed, newMessage, uidOf } from '../../mail/mailbox/mail-kit.ts';

const paco = 'paco@example.test';
let second = 0;

/** A second after the line before. */
function line(event: string, fields: KeptLine['fields'], level = 'info'): KeptLine {
  second += 1;
  return { time: new Date(Date.UTC(2026, 10, 24, 10, 0, second)).toISOString(), level, event, fields };
}

function portsOf(kit: DirectoryKit, lines: readonly KeptLine[]): MessagePorts {
  return { ...kit.ports, keptLog: fakeKeptLog(lines) };
}

async function traced(kit: DirectoryKit, id: string, lines: readonly KeptLine[]): Promise<TracedMessage> {
  const { messages } = await done(messageTrace(portsOf(kit, lines), { id }));
  assert.equal(messages.length, 1);
  return messages[0] as TracedMessage;
}

const eventsOf = ({ lines }: TracedMessage) => lines.map(({ event }) => event);

/** Paco, with a message in his INBOX. */
async function withMessage(kit: DirectoryKit) {
  const id = await account(kit, paco);
  const mail = kit.ports.mail.account(id);
  const inbox = await mailboxNamed(mail, 'INBOX');
  const message = newMessage('m1');
  await mail.append({ mailbox: inbox, messages: [message] });
  return { id, mail, inbox, messageId: message.index.messageId };
}

/** What Feed does with the account's commits. */
async function followFeed(kit: DirectoryKit, { id }: AccountMail): Promise<void> {
  const ports = {
    ...kit.ports,
    metrics: new MemoryMetrics(),
    retentionDays: 30,
    envelopePages: 'plain',
  } as const;
  for await (const item of queryAll(kit.raw, { pk: accountPartition(id), prefix: logPrefix }))
    await handleCommit(ports, item);
}

test('the lines of a message are told with its session, and without the other messages of it', async () => {
  await using kit = await directoryKit('example.test');
  const session = { session: 's1', role: 'mta' };
  const lines = [
    line('smtp.connected', { session: 's1', remote: '192.0.2.9' }),
    line('smtp.closed', { session: 's1', why: 'another process had a session of that name' }),
    line('smtp.connected', { ...session, remote: '192.0.2.1' }),
    line('smtp.authenticated', session),
    line('smtp.refused', { ...session, reason: 'before the other message' }),
    line('smtp.accepted', { ...session, messageId: 'm0' }),
    line('smtp.connected', { session: 's2', remote: '192.0.2.2' }),
    line('smtp.refused', { ...session, reason: 'unknownRecipient' }),
    line('smtp.accepted', { ...session, messageId: 'm1', msgId: 'a@b.test' }),
    line('route.routed', { messageId: 'm0' }),
    line('route.routed', { messageId: 'm1', accounts: [] }),
    line('smtp.refused', { ...session, reason: 'after it' }),
    line('smtp.closed', { ...session, why: 'quit' }),
    line('listener.closed', { connection: 's1', end: 'ours' }),
    line('deliver.failed', { messageId: 'm1', reason: 'overQuota' }, 'warn'),
    line('smtp.connected', { session: 's1', remote: '192.0.2.3' }),
    line('smtp.closed', { session: 's1', why: 'yet another' }),
  ];
  const found = await traced(kit, 'm1', lines);
  assert.deepEqual(eventsOf(found), [
    'smtp.connected',
    'smtp.authenticated',
    'smtp.refused',
    'smtp.accepted',
    'route.routed',
    'smtp.closed',
    'listener.closed',
    'deliver.failed',
  ]);
  assert.equal(found.lines[0]?.fields['remote'], '192.0.2.1');
  assert.equal(found.lines[2]?.fields['reason'], 'unknownRecipient');
  assert.deepEqual([found.accounts, found.recipients, found.linesCut], [[], [], false]);
});

test('of an IMAP session only how it began and ended is told', async () => {
  await using kit = await directoryKit('example.test');
  const session = { session: 'i1' };
  const lines = [
    line('imap.connected', session),
    line('imap.client', session),
    line('imap.loggedIn', session),
    line('imap.refused', session),
    line('imap.appended', { ...session, messageId: 'm1' }),
    line('imap.appended', { ...session, messageId: 'm2' }),
    line('imap.refused', session),
    line('imap.closed', session),
  ];
  assert.deepEqual(eventsOf(await traced(kit, 'm1', lines)), [
    'imap.connected',
    'imap.client',
    'imap.loggedIn',
    'imap.appended',
    'imap.closed',
  ]);
});

test('what an admin did with it, and what it is a notification of, belongs to it; looking does not', async () => {
  await using kit = await directoryKit('example.test');
  const lines = [
    line('notification.sent', { messageId: 'm0', notificationId: 'm1' }),
    line('admin.done', { command: 'queue show', subject: 'm1' }),
    line('admin.done', { command: 'queue retry', subject: 'm1' }),
    line('admin.done', { command: 'message trace', subject: 'm1' }),
    line('admin.done', { command: 'account show', subject: 'm10' }),
  ];
  const found = await traced(kit, 'm1', lines);
  assert.deepEqual(
    found.lines.map(({ event, fields }) => [event, fields['command']]),
    [
      ['notification.sent', undefined],
      ['admin.done', 'queue retry'],
    ],
  );
});

test('where it is filed is told, whether the log knows the account or says nothing at all', async () => {
  await using kit = await directoryKit('example.test');
  const { id, mail, inbox, messageId } = await withMessage(kit);
  await account(kit, 'other@example.test');
  await mail.createFolder({ name: 'Work/Later' });
  const later = await mailboxNamed(mail, 'Work/Later');
  await mail.copy({ from: inbox, to: later, uids: [uidOf(1)] });
  const expected = [
    {
      accountId: id,
      account: paco,
      places: [
        { folder: 'INBOX', uid: 1 },
        { folder: 'Work/Later', uid: 1 },
      ],
      deletedAfter: null,
    },
  ];
  assert.deepEqual((await traced(kit, messageId, [])).accounts, expected);
  const lines = [line('deliver.delivered', { messageId, accountId: id })];
  assert.deepEqual((await traced(kit, messageId, lines)).accounts, expected);
});

test('of a message that was expunged it is told when its bytes go', async () => {
  await using kit = await directoryKit('example.test');
  const { mail, inbox, messageId } = await withMessage(kit);
  await mail.expunge({ mailbox: inbox, uids: [uidOf(1)], any: true });
  const before = await traced(kit, messageId, []);
  assert.deepEqual([before.accounts[0]?.places, before.accounts[0]?.deletedAfter], [[], null]);
  await followFeed(kit, mail);
  const after = await traced(kit, messageId, []);
  const deletedAfter = new Date(kit.clock.now() + 30 * 86_400_000).toISOString();
  assert.deepEqual([after.accounts[0]?.places, after.accounts[0]?.deletedAfter], [[], deletedAfter]);
});

test('of an account that was removed what is left is told', async () => {
  await using kit = await directoryKit('example.test');
  const { id, messageId } = await withMessage(kit);
  await done(accountRemove(kit.ports, { address: paco }));
  const lines = [line('deliver.delivered', { messageId, accountId: id })];
  const { accounts } = await traced(kit, messageId, lines);
  assert.deepEqual(
    accounts.map(({ accountId, account: address, places }) => [accountId, address, places]),
    [[id, null, []]],
  );
});

test('what became of it on other servers is told', async () => {
  await using kit = await directoryKit('example.test');
  const nowMs = kit.clock.now();
  await putOutbound(kit.ports, [
    {
      messageId: 'm1',
      recipient: 'ann@elsewhere.test',
      reversePath: paco,
      blobKey: 'outbound/m1.eml',
      sizeBytes: 100,
      returnPathBytes: 0,
      body: '7BIT',
      smtpUtf8: false,
      receivedAt: new Date(nowMs).toISOString(),
      state: 'waiting',
      version: 1,
      queuedAtMs: nowMs,
      dueAtMs: nowMs + 1000,
      attempts: 1,
      last: { status: '4.4.1', text: 'Nobody answers' },
      delayTold: false,
    },
  ]);
  const { recipients, lines } = await traced(kit, 'm1', []);
  assert.deepEqual(lines, []);
  assert.deepEqual(
    recipients.map(({ recipient, state, last }) => [recipient, state, last]),
    [['ann@elsewhere.test', 'waiting', 'Nobody answers']],
  );
});

test('a Message-ID finds all messages that have it', async () => {
  await using kit = await directoryKit('example.test');
  const lines = [
    line('smtp.accepted', { messageId: 'm1', msgId: 'a@b.test' }),
    line('smtp.accepted', { messageId: 'm2', msgId: 'a@b.test.more' }),
    line('imap.appended', { messageId: 'm3', msgId: 'a@b.test' }),
  ];
  for (const id of ['<a@b.test>', ' a@b.test ']) {
    const { messages } = await done(messageTrace(portsOf(kit, lines), { id }));
    assert.deepEqual(
      messages.map(({ messageId }) => messageId),
      ['m1', 'm3'],
    );
  }
});

test('a message that nobody knows is refused with where to look for its id', async () => {
  await using kit = await directoryKit('example.test');
  const ports = portsOf(kit, []);
  assert.match(await refused(messageTrace(ports, { id: 'm1' })), /Nothing is known of a message m1\./);
  assert.match(await refused(messageTrace(ports, { id: 'no id/at all' })), /Nothing is known/);
  assert.match(await refused(messageTrace(ports, { id: '<a@b.test>' })), /Message-ID <a@b\.test>/);
  assert.match(await refused(messageTrace(ports, { id: '' })), /id is wrong/);
});

test('of very many lines the first are told', async () => {
  await using kit = await directoryKit('example.test');
  const lines = Array.from({ length: 5001 }, () => line('relay.deferred', { messageId: 'm1' }));
  const found = await traced(kit, 'm1', lines);
  assert.deepEqual([found.lines.length, found.linesCut], [5000, true]);
});
