/**
 * Durable puts a second of the embedded Blobs: `npx node bench/blobs.ts [directory [KB]]`.
 *
 * 2026-11-24, 2 cores that others used at the same time (load 9), puts of 10 KB, each flushed (data, then catalog):
 * 1 uploader 545 a second, 32 uploaders 4,326, 256 uploaders 7,886.
 * Puts of 100 KB, kept in memory 185, 910 (32 uploaders), 977 (128); in segments of their own 120, 666, 877.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBlobs } from '../drivers/embedded/blobs/blobs.ts';
import type { EmbeddedBlobs } from '../drivers/embedded/blobs/blobs.ts';
import { openEnvironment } from '../drivers/embedded/environment.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { systemLog } from '../drivers/system/log.ts';

const body = Buffer.alloc(Number(process.argv[3] ?? 10) * 1024, 'x');
const secondsEach = 5;

async function putsPerSecond(blobs: EmbeddedBlobs, uploaders: number): Promise<number> {
  const start = performance.now();
  const end = start + secondsEach * 1000;
  let puts = 0;
  const upload = async (uploader: number) => {
    for (let number = 0; performance.now() < end; number++) {
      const blob = blobs.begin();
      await blob.write(body);
      await blob.finish({ key: `mailboxes/example.test/user~${uploader}/2026-11/${number}.eml` });
      puts++;
    }
  };
  await Promise.all(Array.from({ length: uploaders }, (_, uploader) => upload(uploader)));
  return puts / ((performance.now() - start) / 1000);
}

const data = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'posta-bench-'));
try {
  const environment = openEnvironment({ data });
  const log = systemLog({ destination: process.stderr, readable: true });
  const blobs = await openBlobs({ directory: join(data, 'blobs'), environment, clock: systemClock(), log });
  for (const uploaders of [1, 32, 256]) {
    const rate = await putsPerSecond(blobs, uploaders);
    process.stdout.write(`${uploaders} uploaders: ${Math.round(rate)} puts a second\n`);
  }
  await blobs.close();
  await environment.close();
} finally {
  await rm(data, { recursive: true });
}
