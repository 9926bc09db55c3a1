/** One PUT: whole or not at all, acknowledged when it is durable. A repeated one stores the same bytes again. */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Bucket } from './bucket.ts';
import type { Content } from './content.ts';
import { contentTypeOf } from './object-key.ts';

export interface ObjectToStore {
  readonly key: string;
  readonly content: Content;
  /** Nobody wants it any more. */
  readonly giveUp: AbortSignal;
}

export async function putObject(bucket: Bucket, { key, content, giveUp }: ObjectToStore): Promise<void> {
  const body = await content.bytes({ start: 0, end: content.size });
  const command = () =>
    new PutObjectCommand({
      Bucket: bucket.name,
      Key: key,
      Body: body,
      ContentLength: body.length,
      ContentType: contentTypeOf(key),
    });
  await bucket.ask(`store ${key}`, (client, options) => client.send(command(), options), giveUp);
}
