/** Blobs in a directory that goes with them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBlobs } from '../../../drivers/embedded/blobs/blobs.ts';
import type { BlobsOptions, EmbeddedBlobs } from '../../../drivers/embedded/blobs/blobs.ts';
import { openEnvironment } from '../../../drivers/embedded/environment.ts';
import type { Environment } from '../../../drivers/embedded/environment.ts';
import { ManualClock } from '../../contracts/manual-clock.ts';
import { recordingLog } from '../../contracts/recording-log.ts';
import type { RecordingLog } from '../../contracts/recording-log.ts';

export interface OpenedBlobs extends AsyncDisposable {
  readonly data: string;
  /** Of the segment files. */
  readonly directory: string;
  readonly environment: Environment;
  readonly blobs: EmbeddedBlobs;
  readonly clock: ManualClock;
  readonly log: RecordingLog;
}

export type OpeningOptions = Pick<BlobsOptions, 'rollBytes' | 'files' | 'uploadMemoryBytes'> & {
  readonly clock?: ManualClock;
};

/** Opens the blobs of a data directory as another process would, but for the process. */
export async function openBlobsIn(data: string, options: OpeningOptions = {}): Promise<OpenedBlobs> {
  const directory = join(data, 'blobs');
  const environment = openEnvironment({ data, mapBytes: 2 ** 30 });
  const log = recordingLog();
  const { clock = new ManualClock() } = options;
  const blobs = await openBlobs({ ...options, directory, environment, clock, log });
  return {
    data,
    directory,
    environment,
    blobs,
    clock,
    log,
    async [Symbol.asyncDispose]() {
      await blobs.close();
      await environment.close();
    },
  };
}

export async function temporaryBlobs(options: OpeningOptions = {}): Promise<OpenedBlobs> {
  const data = await mkdtemp(join(tmpdir(), 'posta-blobs-'));
  const opened = await openBlobsIn(data, options);
  return {
    ...opened,
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await rm(data, { recursive: true });
    },
  };
}
