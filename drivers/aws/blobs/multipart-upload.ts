/** A large object in parts: nothing is seen of it before the last request, and nothing is left of it after a failure. */
import { randomUUID } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { CompletedPart } from '@aws-sdk/client-s3';
import { BucketFault } from './bucket.ts';
import type { Bucket } from './bucket.ts';
import { headObject } from './object-info.ts';
import { contentTypeOf } from './object-key.ts';
import type { ObjectToStore } from './put-object.ts';
import type { Turns } from './turns.ts';

/** All parts but the last have at least 5 MB; a part is in memory while it is sent. */
export const partBytes = 8 * 1024 * 1024;

/** In the object's metadata: by it an upload knows its own object again. */
const uploadNote = 'posta-upload';

interface Begun extends ObjectToStore {
  readonly uploadId: string;
  readonly note: string;
}

/** Parts take turns with all others: each is a buffer. */
export async function uploadInParts(bucket: Bucket, object: ObjectToStore, turns: Turns): Promise<void> {
  const begun = await begin(bucket, object);
  try {
    const parts: CompletedPart[] = [];
    for (let start = 0; start < object.content.size; start += partBytes)
      parts.push(await turns.take(() => uploadPart(bucket, begun, start)));
    await complete(bucket, begun, parts);
  } catch (fault) {
    // What even this cannot remove, the bucket's lifecycle rule for incomplete uploads does.
    await abort(bucket, begun).catch(() => undefined);
    throw fault;
  }
}

async function begin(bucket: Bucket, object: ObjectToStore): Promise<Begun> {
  const { key, giveUp } = object;
  const note = randomUUID();
  const { UploadId: uploadId } = await bucket.ask(
    `begin the upload of ${key}`,
    (client, options) =>
      client.send(
        new CreateMultipartUploadCommand({
          Bucket: bucket.name,
          Key: key,
          ContentType: contentTypeOf(key),
          ChecksumAlgorithm: 'CRC32',
          Metadata: { [uploadNote]: note },
        }),
        options,
      ),
    giveUp,
  );
  if (uploadId === undefined) throw new Error(`S3 began the upload of ${key} without an id`);
  return { ...object, uploadId, note };
}

async function uploadPart(bucket: Bucket, begun: Begun, start: number): Promise<CompletedPart> {
  const { key, content, uploadId, giveUp } = begun;
  const number = start / partBytes + 1;
  const body = await content.bytes({ start, end: Math.min(start + partBytes, content.size) });
  const { ETag, ChecksumCRC32 } = await bucket.ask(
    `store part ${number} of ${key}`,
    (client, options) =>
      client.send(
        new UploadPartCommand({
          Bucket: bucket.name,
          Key: key,
          UploadId: uploadId,
          PartNumber: number,
          Body: body,
          ContentLength: body.length,
          ChecksumAlgorithm: 'CRC32',
        }),
        options,
      ),
    giveUp,
  );
  return { PartNumber: number, ETag, ChecksumCRC32 };
}

async function complete(bucket: Bucket, begun: Begun, parts: CompletedPart[]): Promise<void> {
  const { key, content, uploadId, giveUp } = begun;
  try {
    await bucket.ask(
      `put the parts of ${key} together`,
      (client, options) =>
        client.send(
          new CompleteMultipartUploadCommand({
            Bucket: bucket.name,
            Key: key,
            UploadId: uploadId,
            MultipartUpload: { Parts: parts },
            MpuObjectSize: content.size,
          }),
          options,
        ),
      giveUp,
    );
  } catch (fault) {
    if (!(await wasCompleted(bucket, begun, fault))) throw fault;
  }
}

/** When the answer is lost and the request is repeated, S3 may not know the upload any more. */
async function wasCompleted(bucket: Bucket, { key, note }: Begun, fault: unknown): Promise<boolean> {
  if (!(fault instanceof BucketFault && fault.code === 'NoSuchUpload')) return false;
  return (await headObject(bucket, key))?.Metadata?.[uploadNote] === note;
}

async function abort(bucket: Bucket, { key, uploadId }: Begun): Promise<void> {
  const upload = { Bucket: bucket.name, Key: key, UploadId: uploadId };
  await bucket.ask(`drop the parts of ${key}`, (client, options) =>
    client.send(new AbortMultipartUploadCommand(upload), options),
  );
}
