/** Messages for one account on one machine: in the mailbox when they are acknowledged, as delivery would have filed them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFileNow } from '../../../mail/delivery/file-now.ts';
import { indexMessage } from '../../../mail/delivery/index-message.ts';
import type { MailStore } from '../../../mail/mailbox/mail-store.ts';
import { messageLimits } from '../../../mail/message/limits.ts';
import { FailingBlobs, InjectedFailure } from '../../contracts/failing-blobs.ts';
import { Way, type WayPorts } from './way-kit.ts';

const message =
  'From: someone@elsewhere.test\r\nSubject: hello\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n' +
  '--b\r\nContent-Type: text/plain\r\n\r\nSome text.\r\n--b\r\nContent-Type: image/png\r\n\r\nxyz\r\n--b--\r\n';

function atOnce(way: Way, mail: MailStore = way.machine.mail): WayPorts {
  return { ...way.real, fileNow: createFileNow({ mail, log: way.log, metrics: way.metrics }) };
}

async function waiting({ machine: { queues } }: Way): Promise<readonly number[]> {
  return [(await queues.route.depth()).waiting, (await queues.deliver.depth()).waiting];
}

/** Every delivery fails, before or after it took place. */
function failing(mail: MailStore, at: 'before' | 'after'): MailStore {
  return {
    ...mail,
    account: (id) => ({
      ...mail.account(id),
      deliver: async (deliveries) => {
        if (at === 'after') await mail.account(id).deliver(deliveries);
        throw new Error('the disk is away');
      },
    }),
  };
}

test('a message for one account is in its mailbox when it is acknowledged, and nothing is left to do', async () => {
  await using way = await Way.open('ann');
  const accepted = await way.accept(way.envelope('someone@elsewhere.test', 'ann+tag'), message, atOnce(way));
  assert.equal(accepted.kind, 'queued');
  assert.deepEqual(await waiting(way), [0, 0]);
  const [text, ...more] = await way.inbox('ann');
  assert.match(text ?? '', /^Return-Path: <someone@elsewhere\.test>\r\nReceived: /);
  assert.ok(text?.endsWith(message));
  assert.deepEqual(more, []);
});

test('its index is that of its bytes as they are stored, however they came', async () => {
  await using way = await Way.open('ann');
  const texts = [message, 'no header at all\r\n', '\r\nbody behind an empty header\r\n', 'Subject: only\r\n'];
  for (const text of texts)
    for (const octets of [1, 7, 1000]) {
      const bytes = Buffer.from(text);
      const chunks = Array.from({ length: Math.ceil(bytes.length / octets) }, (_, at) =>
        bytes.subarray(at * octets, (at + 1) * octets),
      );
      await way.accept(way.envelope('someone@elsewhere.test', 'ann'), chunks, atOnce(way));
    }
  assert.deepEqual(await waiting(way), [0, 0]);
  const indexes = await way.indexes('ann');
  assert.equal(indexes.length, texts.length * 3);
  for (const index of indexes) {
    const { messageId, blobKey, internalDateSeconds } = index;
    const receivedAt = new Date(internalDateSeconds * 1000);
    const read = way.machine.blobs.read(blobKey);
    assert.deepEqual(plain(index), plain(await indexMessage(read, { messageId, blobKey, receivedAt })));
  }
});

/** Bytes as arrays, whatever kind of array they are in. */
function plain(index: Awaited<ReturnType<typeof indexMessage>>) {
  const { headers, ...rest } = index;
  return { ...rest, headers: headers && [...headers] };
}

test('what cannot be filed at once goes to the queue, and is filed once', async () => {
  for (const at of ['before', 'after'] as const) {
    await using way = await Way.open('ann');
    const ports = atOnce(way, failing(way.machine.mail, at));
    const accepted = await way.accept(way.envelope('someone@elsewhere.test', 'ann'), message, ports);
    assert.equal(accepted.kind, 'queued');
    assert.deepEqual(await waiting(way), [0, 1]);
    await way.settle();
    assert.equal((await way.inbox('ann')).length, 1);
  }
});

test('a message that is asked to be told of, one for several, and one with a huge header go to the queues', async () => {
  await using way = await Way.open('ann', 'bob');
  const one = way.envelope('someone@elsewhere.test', 'ann');
  const [recipient] = one.recipients;
  assert.ok(recipient);
  const asked = { ...one, recipients: [{ ...recipient, notify: ['SUCCESS'] as const }] };
  await way.accept(asked, message, atOnce(way));
  assert.deepEqual(await waiting(way), [0, 1]);
  await way.accept(way.envelope('someone@elsewhere.test', 'ann', 'bob'), message, atOnce(way));
  assert.deepEqual(await waiting(way), [1, 1]);
  const huge = `X: ${'y'.repeat(messageLimits.maxIncomingHeaderBytes)}\r\n${message}`;
  await way.accept(one, huge, atOnce(way));
  assert.deepEqual(await waiting(way), [1, 2]);
});

test("a mailbox that has filled meanwhile refuses, and the message is its sender's still", async () => {
  await using way = await Way.open();
  await way.addAccount('ann', 2000);
  const { mail } = way.machine;
  const full: MailStore = {
    ...mail,
    account: (id) => ({ ...mail.account(id), deliver: () => Promise.resolve([{ kind: 'overQuota' }]) }),
  };
  const accepted = await way.accept(
    way.envelope('someone@elsewhere.test', 'ann'),
    message,
    atOnce(way, full),
  );
  assert.deepEqual(accepted, { kind: 'mailboxFull', permanent: false });
  assert.deepEqual(await waiting(way), [0, 0]);
});

test('a message whose bytes cannot be stored is not acknowledged, and in no mailbox', async () => {
  await using way = await Way.open('ann');
  const ports = { ...atOnce(way), blobs: new FailingBlobs(way.real.blobs, () => 'before') };
  await assert.rejects(
    way.accept(way.envelope('someone@elsewhere.test', 'ann'), message, ports),
    InjectedFailure,
  );
  assert.deepEqual(await way.indexes('ann'), []);
});
