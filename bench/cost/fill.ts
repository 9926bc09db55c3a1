/** Mailboxes with many messages, made by the domain's own delivery, but without one transaction for each forty of them. */
import { randomBytes } from 'node:crypto';
import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { toAttributes } from '../../drivers/aws/table/attribute-values.ts';
import { tableClient } from '../../drivers/aws/table/client.ts';
import { DynamoTable } from '../../drivers/aws/table/table.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import { mailboxBlobKey } from '../../mail/delivery/blob-key.ts';
import { toIndex } from '../../mail/delivery/index-message.ts';
import { inParallel } from '../../mail/mailbox/in-parallel.ts';
import { createMailStore } from '../../mail/mailbox/create-mail-store.ts';
import { indexPrefix, messagePrefix, uidsPerBlock } from '../../mail/mailbox/keys.ts';
import type { Delivery } from '../../mail/mailbox/mail-store.ts';
import { newId, parseMessageId, sound, type AccountId } from '../../mail/mailbox/types.ts';
import { scanMessage } from '../../mail/message/scan-message.ts';
import type { Blobs } from '../../mail/ports/blobs.ts';
import type { CommitOutcome, Table, Write } from '../../mail/ports/table.ts';
import { silentLog } from '../../test/mail/mailbox/mail-kit.ts';
import { typicalMessage } from '../../test/drivers/aws/table/typical-messages.ts';
import type { Meter } from './meter.ts';

export interface FillOptions {
  readonly tableName: string;
  readonly meter: Meter;
  readonly blobs: Blobs;
  readonly account: { readonly id: AccountId; readonly address: string };
  readonly messages: number;
  /** Whether the messages' indexes are written too; opening a mailbox reads none. */
  readonly indexes: boolean;
}

const messagesAtOnce = 480;
/** What BatchWriteItem takes. */
const itemsAtOnce = 25;
const batchesAtOnce = 8;
/** As many as a block of a mailbox shows: what is packed together must not be the same again and again. */
const templates = uidsPerBlock;

/** The messages' bytes are not stored: what is measured on these mailboxes reads none. */
export async function fillMailbox(options: FillOptions): Promise<void> {
  const client = tableClient();
  const table = new FillingTable(client, options);
  const store = createMailStore({
    table,
    blobs: options.blobs,
    wake: { publish: () => Promise.resolve(), subscribe: () => Promise.reject(new Error('nobody listens')) },
    clock: systemClock(),
    log: silentLog,
    epoch: 1,
    random: randomBytes,
  });
  const scanned = Array.from({ length: templates }, (_, number) => scanMessage(typicalMessage(number)));
  const { account, messages } = options;
  for (let at = 0; at < messages; at += messagesAtOnce) {
    const count = Math.min(messagesAtOnce, messages - at);
    const deliveries = Array.from({ length: count }, (_, number): Delivery => {
      const messageId = sound(parseMessageId(newId(randomBytes)), 'message id');
      const receivedAt = new Date();
      const blobKey = mailboxBlobKey({
        address: account.address,
        accountId: account.id,
        receivedAt,
        messageId,
      });
      const template = scanned[number % templates];
      if (template === undefined) throw new Error('no template');
      return { index: toIndex(template, { messageId, blobKey, receivedAt }) };
    });
    await store.account(account.id).deliver(deliveries);
  }
  client.destroy();
}

/** Takes commits of any size, and writes them in batches: nobody reads meanwhile. */
class FillingTable implements Table {
  readonly limits = { maxWrites: 1000, maxBytes: 16 * 2 ** 20 };
  readonly #client: DynamoDBClient;
  readonly #options: FillOptions;
  readonly #table: DynamoTable;

  constructor(client: DynamoDBClient, options: FillOptions) {
    this.#client = client;
    this.#options = options;
    this.#table = new DynamoTable({ client, tableName: options.tableName, clock: systemClock() });
  }

  get: Table['get'] = (...given) => this.#table.get(...given);
  getMany: Table['getMany'] = (...given) => this.#table.getMany(...given);
  query: Table['query'] = (...given) => this.#table.query(...given);

  async commit(writes: readonly Write[]): Promise<CommitOutcome> {
    const items = writes.flatMap((write) => {
      if (write.kind !== 'put') throw new Error('a delivery only puts');
      const { sk } = write.item;
      const ofIndex = sk.startsWith(indexPrefix) || sk.startsWith(messagePrefix);
      return ofIndex && !this.#options.indexes ? [] : [toAttributes(write.item)];
    });
    const batches = Array.from({ length: Math.ceil(items.length / itemsAtOnce) }, (_, batch) =>
      items.slice(batch * itemsAtOnce, (batch + 1) * itemsAtOnce),
    );
    await inParallel(batches, batchesAtOnce, async (batch) => {
      const requests = batch.map((Item) => ({ PutRequest: { Item } }));
      await this.#client.send(
        new BatchWriteItemCommand({ RequestItems: { [this.#options.tableName]: requests } }),
      );
      await this.#options.meter.know(batch);
    });
    return { kind: 'committed' };
  }
}
