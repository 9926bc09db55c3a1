/** A page of the bucket's list, which S3 has in the order of the keys' UTF-8 bytes. */
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { BlobPage } from '../../../mail/ports/blobs.ts';
import type { Bucket } from './bucket.ts';
import { infoOf } from './object-info.ts';
import { decodeListedKey } from './object-key.ts';

/** What S3 gives in one page. */
const maxListed = 1000;

export interface ListOptions {
  readonly prefix: string;
  readonly after?: string;
  readonly limit?: number;
}

export async function listObjects(
  bucket: Bucket,
  { prefix, after, limit = maxListed }: ListOptions,
): Promise<BlobPage> {
  const { Contents = [], IsTruncated } = await bucket.ask(`list ${prefix}`, (client, options) =>
    client.send(
      new ListObjectsV2Command({
        Bucket: bucket.name,
        Prefix: prefix,
        StartAfter: after,
        MaxKeys: Math.min(limit, maxListed),
        EncodingType: 'url',
      }),
      options,
    ),
  );
  const blobs = Contents.map(({ Key = '', Size, LastModified }) =>
    infoOf(decodeListedKey(Key), { size: Size, lastModified: LastModified }),
  );
  const last = blobs.at(-1);
  return IsTruncated === true && last ? { blobs, next: last.key } : { blobs };
}
