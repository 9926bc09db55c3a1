/** What S3 tells about an object, as the port has it. */
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { BlobInfo } from '../../../mail/ports/blobs.ts';
import { BucketFault } from './bucket.ts';
import type { Bucket } from './bucket.ts';

/** Undefined where there is no such key. */
export async function headObject(bucket: Bucket, key: string): Promise<HeadObjectCommandOutput | undefined> {
  try {
    return await bucket.ask(`tell about ${key}`, (client, options) =>
      client.send(new HeadObjectCommand({ Bucket: bucket.name, Key: key }), options),
    );
  } catch (fault) {
    if (fault instanceof BucketFault && fault.isMissing) return undefined;
    throw fault;
  }
}

/** In whole seconds, as S3 has them: an emulator tells milliseconds in one answer and none in another. */
export function infoOf(
  key: string,
  { size, lastModified }: { readonly size: number | undefined; readonly lastModified: Date | undefined },
): BlobInfo {
  if (size === undefined || lastModified === undefined)
    throw new Error(`S3 told about ${key} without its size or its time`);
  return { key, size, createdAt: new Date(Math.floor(lastModified.getTime() / 1000) * 1000) };
}
