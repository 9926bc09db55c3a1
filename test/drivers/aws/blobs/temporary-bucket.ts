/** S3Blobs in a bucket and a scratch folder of their own. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { S3Blobs } from '../../../../drivers/aws/blobs/blobs.ts';

export interface TemporaryBucket extends AsyncDisposable {
  readonly blobs: S3Blobs;
  readonly client: S3Client;
  readonly bucket: string;
  readonly scratch: string;
  /** Ids of uploads in parts that were neither completed nor aborted. */
  unfinished(): Promise<readonly string[]>;
  /** What has a name in the scratch folder. */
  scratchNames(): Promise<readonly string[]>;
}

export interface BucketOptions extends S3ClientConfig {
  readonly patienceMs?: number;
}

/** The bucket stays in the emulator, which forgets it when it ends. */
export async function temporaryBucket({
  patienceMs,
  ...config
}: BucketOptions = {}): Promise<TemporaryBucket> {
  const client = new S3Client(config);
  const plain = new S3Client();
  const bucket = `blobs-${randomUUID()}`;
  await plain.send(new CreateBucketCommand({ Bucket: bucket }));
  const scratch = await mkdtemp(join(tmpdir(), 'posta-scratch-'));
  const blobs = new S3Blobs({ client, bucket, scratch, ...(patienceMs !== undefined && { patienceMs }) });
  return {
    blobs,
    client,
    bucket,
    scratch,
    async unfinished() {
      const { Uploads = [] } = await plain.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      return Uploads.map(({ UploadId = '' }) => UploadId);
    },
    scratchNames: () => readdir(scratch),
    async [Symbol.asyncDispose]() {
      client.destroy();
      plain.destroy();
      await rm(scratch, { recursive: true });
    },
  };
}
