/** One message comes in as when SMTP has taken it: the recipient is looked up, the bytes are stored, it is filed. */
import type { OneMachine } from '../../bin/one-machine.ts';
import { mailboxBlobKey } from '../../mail/delivery/blob-key.ts';
import { deliverToAccount } from '../../mail/delivery/deliver.ts';
import { Directory } from '../../mail/directory/directory.ts';
import { newId } from '../../mail/mailbox/types.ts';
import type { MailStore } from '../../mail/mailbox/mail-store.ts';
import { parseAddress } from '../../mail/message/address.ts';
import { noMetrics, quietLog } from './machine.ts';
import { makeMessage } from './messages.ts';

/** How long it takes until it is on the disk, in milliseconds; the queues between are left out. */
export async function deliverOne(
  machine: OneMachine,
  {
    store,
    address,
    number,
  }: { readonly store: MailStore; readonly address: string; readonly number: number },
): Promise<number> {
  const { blobs, clock, random } = machine;
  const { bytes, receivedAt } = makeMessage(number, address);
  const messageId = newId(random);
  const recipient = parseAddress(address);
  if (recipient === undefined) throw new Error(`${address} is no address`);
  const start = performance.now();
  const found = await new Directory(machine.store.table).resolveRecipient(recipient);
  if (found.kind !== 'account') throw new Error(`${address} is ${found.kind}`);
  const { accountId, address: accountAddress } = found;
  const blobKey = mailboxBlobKey({ address: accountAddress, accountId, receivedAt, messageId });
  const upload = blobs.begin();
  await upload.write(bytes);
  await upload.finish({ key: blobKey });
  await deliverToAccount(
    {
      mail: store,
      blobs,
      notifySender: () => Promise.reject(new Error(`a message for ${address} was not filed`)),
      clock,
      log: quietLog,
      metrics: noMetrics,
    },
    [
      {
        messageId,
        blobKey,
        sizeBytes: bytes.length,
        accountId,
        accountAddress,
        recipients: [{ recipient: address }],
        reversePath: 'sender@example.com',
        receivedAt: receivedAt.toISOString(),
        returnPathBytes: 0,
      },
    ],
  );
  return performance.now() - start;
}
