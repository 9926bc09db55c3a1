/** A copy that S3 makes by itself: durable when it answers. */
import { CopyObjectCommand } from '@aws-sdk/client-s3';
import { BlobMissing } from '../../../mail/ports/blobs.ts';
import { BucketFault } from './bucket.ts';
import type { Bucket } from './bucket.ts';
import { copySource } from './object-key.ts';

export async function copyObject(bucket: Bucket, from: string, to: string): Promise<void> {
  const copy = { Bucket: bucket.name, Key: to, CopySource: copySource(bucket.name, from) };
  try {
    await bucket.ask(`copy ${from} to ${to}`, (client, options) =>
      client.send(new CopyObjectCommand(copy), options),
    );
  } catch (fault) {
    throw fault instanceof BucketFault && fault.isMissing ? new BlobMissing(from) : fault;
  }
}
