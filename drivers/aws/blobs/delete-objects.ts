/** Deleting any number of objects, as many at a time as S3 takes. */
import { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { pauseBefore } from './bucket.ts';
import type { Bucket } from './bucket.ts';

/** In one DeleteObjects. */
const deletedAtOnce = 1000;

/** Of the keys that S3 answers an error for. */
const maxAttempts = 4;

const namedInError = 5;

interface NotDeleted {
  readonly key: string;
  readonly why: string;
}

/** Rejects when all others are deleted, with the names of those that cannot be. */
export async function deleteObjects(bucket: Bucket, keys: readonly string[]): Promise<void> {
  const wanted = [...new Set(keys)];
  const left: NotDeleted[] = [];
  for (let at = 0; at < wanted.length; at += deletedAtOnce)
    left.push(...(await deleteStubbornly(bucket, wanted.slice(at, at + deletedAtOnce))));
  if (left.length === 0) return;
  const named = left.slice(0, namedInError).map(({ key, why }) => `${key} (${why})`);
  const more = left.length > namedInError ? `, and ${left.length - namedInError} more` : '';
  throw new Error(`S3 did not delete ${left.length} of ${wanted.length} blobs: ${named.join(', ')}${more}`);
}

async function deleteStubbornly(bucket: Bucket, keys: readonly string[]): Promise<readonly NotDeleted[]> {
  let left = await deleteOnce(bucket, keys);
  for (let attempt = 1; left.length > 0 && attempt < maxAttempts; attempt++) {
    await pauseBefore(attempt);
    left = await deleteOnce(
      bucket,
      left.map(({ key }) => key),
    );
  }
  return left;
}

async function deleteOnce(bucket: Bucket, keys: readonly string[]): Promise<readonly NotDeleted[]> {
  const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
  const { Errors = [] } = await bucket.ask(`delete ${keys.length} blobs`, (client, options) =>
    client.send(new DeleteObjectsCommand({ Bucket: bucket.name, Delete }), options),
  );
  return Errors.filter(({ Code }) => Code !== 'NoSuchKey').map(({ Key = '', Code, Message }) => ({
    key: Key,
    why: `${Code}: ${Message}`,
  }));
}
