/** Short words for what tests do with Blobs. */
import type { Blobs, ByteRange, StoredBlob } from '../../mail/ports/blobs.ts';

export async function put(
  blobs: Blobs,
  key: string,
  { body, prefix, chunkBytes = 50_000 }: PutOptions,
): Promise<StoredBlob> {
  const upload = blobs.begin();
  for (let at = 0; at < body.length; at += chunkBytes) await upload.write(body.subarray(at, at + chunkBytes));
  return upload.finish(prefix ? { key, prefix } : { key });
}

export interface PutOptions {
  readonly body: Uint8Array;
  readonly prefix?: Uint8Array;
  readonly chunkBytes?: number;
}

export async function bytesOf(blobs: Blobs, key: string, range?: ByteRange): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of blobs.read(key, range)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** All keys, page by page. */
export async function keysOf(blobs: Blobs, prefix: string, limit?: number): Promise<string[]> {
  const keys: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await blobs.list({
      prefix,
      ...(after !== undefined && { after }),
      ...(limit !== undefined && { limit }),
    });
    keys.push(...page.blobs.map(({ key }) => key));
    if (page.next === undefined) return keys;
    after = page.next;
  }
}
