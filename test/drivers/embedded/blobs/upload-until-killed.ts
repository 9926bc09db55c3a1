/** A child that uploads, deletes and compacts until it is killed, and tells its parent of each that was acknowledged. */
import { put } from '../../../contracts/blobs-use.ts';
import { seededBytes } from '../../../contracts/seeded-bytes.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { openBlobsIn } from '../temporary-blobs.ts';

export interface Told {
  readonly what: 'stored' | 'deleting' | 'deleted';
  readonly key: string;
}

/** A key says what its blob holds: `name/number/bytes`. */
export function bodyOf(key: string): Buffer {
  return seededBytes(key, Number(key.slice(key.lastIndexOf('/') + 1)));
}

async function run(data: string, name: string, seed: number): Promise<never> {
  const random = seededRandom(seed);
  const { blobs } = await openBlobsIn(data, { rollBytes: 200_000 });
  const tell = (told: Told) => process.send?.(told);
  let number = 0;
  const upload = async (): Promise<never> => {
    for (;;) {
      const bytes = Math.floor(random() < 0.15 ? 300_000 + random() * 400_000 : random() * 20_000);
      const key = `${name}/${number++}/${bytes}`;
      await put(blobs, key, { body: bodyOf(key), chunkBytes: 30_000 });
      tell({ what: 'stored', key });
      if (random() < 0.5) continue;
      tell({ what: 'deleting', key });
      await blobs.delete([key]);
      tell({ what: 'deleted', key });
    }
  };
  const compact = async (): Promise<never> => {
    for (;;) await blobs.compact();
  };
  return Promise.race([...Array.from({ length: 6 }, upload), compact()]);
}

if (process.argv[1] === import.meta.filename) {
  const [, , data = '', name = '', seed = ''] = process.argv;
  await run(data, name, Number(seed));
}
