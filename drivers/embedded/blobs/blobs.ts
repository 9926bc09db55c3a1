/** Blobs on one machine: append-only segment files, and a catalog of them in LMDB. Several processes may share them. */
import { randomUUID } from 'node:crypto';
import { BlobMissing } from '../../../mail/ports/blobs.ts';
import type { BlobInfo, BlobPage, Blobs, ByteRange, Upload } from '../../../mail/ports/blobs.ts';
import type { Clock } from '../../../mail/ports/clock.ts';
import type { Log } from '../../../mail/ports/log.ts';
import type { Environment } from '../environment.ts';
import { thisProcess } from '../process-identity.ts';
import { Appender } from './appender.ts';
import { Catalog, infoOf } from './catalog.ts';
import { ChunkMemory } from './chunk-memory.ts';
import { compact } from './compaction.ts';
import type { Compaction, CompactorOptions } from './compaction.ts';
import { Handles } from './handles.ts';
import { readBlob } from './reader.ts';
import { assertKey } from './record.ts';
import { openSegmentFiles } from './segment-files.ts';
import type { SegmentFiles, SegmentId } from './segment-files.ts';
import { Spill } from './spill.ts';
import { BufferedUpload } from './upload.ts';
import { UploadMemory } from './upload-memory.ts';
import type { UploadState } from './upload.ts';

export interface BlobsOptions {
  /** Of the segment files; made where there is none. */
  readonly directory: string;
  /** Where the catalog is kept; it stays open when the blobs are closed. */
  readonly environment: Environment;
  readonly clock: Clock;
  readonly log: Log;
  /** A segment takes records up to so many bytes. Default 64 MB. */
  readonly rollBytes?: number;
  /** What its uploads share: `UploadMemory`. */
  readonly uploadMemoryBytes?: number;
  /** The files of `directory` otherwise: a test gives some that fail. */
  readonly files?: SegmentFiles;
}

export interface EmbeddedBlobs extends Blobs {
  /** Frees the room of what was deleted. Does nothing while another process does it. */
  compact(): Promise<Compaction>;
  /** Lets appends finish and drops uploads that are not; afterwards nothing may be called. */
  close(): Promise<void>;
}

const defaultRollBytes = 64 * 1024 * 1024;

/** Rejects where the directory holds segments that the catalog knows nothing of: they belong to another one. */
export async function openBlobs(options: BlobsOptions): Promise<EmbeddedBlobs> {
  const files = options.files ?? (await openSegmentFiles(options.directory));
  const catalog = new Catalog(options.environment);
  const found = await files.list();
  const strange = await catalog.commit((change) => {
    if (change.isNew() && found.length > 0) return true;
    if (change.isNew()) change.begin();
    return false;
  });
  if (strange)
    throw new Error(
      `${options.directory} holds ${found.length} segments of messages, but their catalog is lost: restore both together from a backup`,
    );
  return new SegmentBlobs(options, { catalog, files });
}

class SegmentBlobs implements EmbeddedBlobs {
  readonly #clock: Clock;
  readonly #catalog: Catalog;
  readonly #handles: Handles;
  readonly #appender: Appender;
  readonly #compactor: CompactorOptions;
  readonly #uploads = new Set<UploadState>();
  readonly #memory: UploadMemory;
  readonly #chunks = new ChunkMemory();
  /** An upload that its owner forgot leaves nothing behind. */
  readonly #forgotten = new FinalizationRegistry<UploadState>((state) => void this.#drop(state));
  #compacting: Promise<Compaction> | undefined;

  constructor(
    { clock, log, rollBytes = defaultRollBytes, uploadMemoryBytes }: BlobsOptions,
    { catalog, files }: { readonly catalog: Catalog; readonly files: SegmentFiles },
  ) {
    const handles = new Handles(files, log);
    const owner = thisProcess();
    const remove = removal({ files, handles, log });
    const appender = new Appender({ catalog, files, owner, log, rollBytes, remove });
    const instance = randomUUID();
    this.#clock = clock;
    this.#memory = new UploadMemory(uploadMemoryBytes);
    this.#catalog = catalog;
    this.#handles = handles;
    this.#appender = appender;
    this.#compactor = { catalog, files, handles, appender, owner, instance, clock, log, remove };
  }

  begin(): Upload {
    const state: UploadState = { phase: 'open', spill: undefined, borrowedBytes: 0 };
    const beginSpill = () => Spill.begin(this.#compactor);
    const done = () => {
      this.#uploads.delete(state);
      this.#memory.giveBack(state);
    };
    const upload = new BufferedUpload({
      appender: this.#appender,
      clock: this.#clock,
      beginSpill,
      state,
      memory: this.#memory,
      done,
    });
    this.#uploads.add(state);
    this.#forgotten.register(upload, state);
    return upload;
  }

  async head(key: string): Promise<BlobInfo | undefined> {
    assertKey(key);
    const entry = this.#catalog.entry(key);
    return entry && infoOf(key, entry);
  }

  read(key: string, range: ByteRange = { start: 0, end: Infinity }): AsyncIterable<Uint8Array> {
    return readBlob({
      catalog: this.#catalog,
      handles: this.#handles,
      memory: this.#chunks,
      key,
      range,
    });
  }

  async copy(from: string, to: string): Promise<void> {
    assertKey(from);
    assertKey(to);
    const createdAt = this.#clock.now();
    const { found, emptied } = await this.#catalog.commit((change) => {
      const source = change.entry(from);
      if (source) change.link(to, { ...source, createdAt });
      return { found: source !== undefined, emptied: change.emptied };
    });
    await this.#compactor.remove(emptied);
    if (!found) throw new BlobMissing(from);
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) assertKey(key);
    for (let at = 0; at < keys.length; at += deletedAtOnce) {
      const emptied = await this.#catalog.commit((change) => {
        for (const key of keys.slice(at, at + deletedAtOnce)) change.unlink(key);
        return change.emptied;
      });
      await this.#compactor.remove(emptied);
    }
  }

  async list(options: {
    readonly prefix: string;
    readonly after?: string;
    readonly limit?: number;
  }): Promise<BlobPage> {
    return this.#catalog.page(options);
  }

  compact(): Promise<Compaction> {
    this.#compacting ??= compact(this.#compactor).finally(() => (this.#compacting = undefined));
    return this.#compacting;
  }

  async close(): Promise<void> {
    await this.#compacting?.catch(() => undefined);
    await Promise.all([...this.#uploads].map((state) => this.#drop(state)));
    await this.#appender.close();
    await this.#handles.close();
  }

  /** Never rejects. */
  async #drop(state: UploadState): Promise<void> {
    this.#uploads.delete(state);
    this.#memory.giveBack(state);
    if (state.phase !== 'open') return;
    state.phase = 'aborted';
    await state.spill
      ?.discard()
      .catch((fault: unknown) => this.#compactor.log.error('blobs.upload.undiscarded', fault));
  }
}

/** In one transaction: others wait for it. */
const deletedAtOnce = 500;

/** Removes files of segments that are in no catalog any more; the next compaction tries again what fails. */
function removal({ files, handles, log }: { files: SegmentFiles; handles: Handles; log: Log }) {
  return async (ids: readonly SegmentId[]): Promise<void> => {
    for (const id of ids) {
      handles.forget(id);
      await files
        .remove(id)
        .catch((fault: unknown) => log.error('blobs.segment.unremoved', fault, { segment: id }));
    }
  };
}
