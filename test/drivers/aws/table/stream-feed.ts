/**
 * Feed from the stream of a table in DynamoDB Local, for its contract: what a Lambda's event source does is done here
 * by hand, with one shard and a file that keeps how far it is done. The product's decoder is handed the same JSON.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { streamRecords } from '../../../../drivers/aws/stream-records.ts';
import type { StreamRecord } from '../../../../drivers/aws/stream-records.ts';
import type { Feed } from '../../../../mail/ports/feed.ts';

const pollMs = 20;

export class StreamFeed implements Feed {
  readonly #client = new DynamoDBStreamsClient();
  readonly #tableName: string;
  readonly #doneFile: string;
  #shard: { readonly StreamArn: string; readonly ShardId: string } | undefined;

  constructor(options: { readonly tableName: string; readonly doneFile: string }) {
    this.#tableName = options.tableName;
    this.#doneFile = options.doneFile;
  }

  async read({ max, waitMs, signal }: Parameters<Feed['read']>[0]): Promise<readonly StreamRecord[]> {
    const until = Date.now() + waitMs;
    for (;;) {
      const records = await this.#oldest(max);
      if (records.length > 0 || signal?.aborted === true || Date.now() >= until) return records;
      await pause(pollMs);
    }
  }

  async done(position: string): Promise<void> {
    if ((await this.#donePosition()) >= position) return;
    await writeFile(`${this.#doneFile}.new`, position);
    await rename(`${this.#doneFile}.new`, this.#doneFile);
  }

  close(): void {
    this.#client.destroy();
  }

  async #donePosition(): Promise<string> {
    return readFile(this.#doneFile, 'utf8').catch(() => '');
  }

  async #oldest(max: number): Promise<readonly StreamRecord[]> {
    const done = await this.#donePosition();
    const found: StreamRecord[] = [];
    let iterator = await this.#iterator();
    for (;;) {
      const answer = await this.#client.send(new GetRecordsCommand({ ShardIterator: iterator }));
      const { Records: records = [], NextShardIterator: next } = answer;
      const event = asLambdaEvent(records);
      found.push(...streamRecords(event).filter(({ position }) => position > done));
      if (found.length >= max || records.length === 0 || next === undefined) return found.slice(0, max);
      iterator = next;
    }
  }

  async #iterator(): Promise<string | undefined> {
    this.#shard ??= await this.#findShard();
    const given = { ...this.#shard, ShardIteratorType: 'TRIM_HORIZON' } as const;
    return (await this.#client.send(new GetShardIteratorCommand(given))).ShardIterator;
  }

  async #findShard() {
    const { Streams: streams } = await this.#client.send(
      new ListStreamsCommand({ TableName: this.#tableName }),
    );
    const StreamArn = streams?.[0]?.StreamArn ?? '';
    const { StreamDescription: stream } = await this.#client.send(new DescribeStreamCommand({ StreamArn }));
    return { StreamArn, ShardId: stream?.Shards?.[0]?.ShardId ?? '' };
  }
}

/** An event is JSON: bytes in base64, times in seconds. */
function asLambdaEvent(records: readonly object[]): DynamoDBStreamEvent {
  const json = JSON.stringify({ Records: records }, (_name, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );
  return JSON.parse(json) as DynamoDBStreamEvent;
}
