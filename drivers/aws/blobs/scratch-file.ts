/** Bytes that wait for the end of their upload: a file without a name, so that nothing is left of it whatever happens. */
import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

export class ScratchFile {
  readonly #folder: string;
  readonly #handle: FileHandle;
  #size = 0;

  private constructor(folder: string, handle: FileHandle) {
    this.#folder = folder;
    this.#handle = handle;
  }

  static async create(folder: string): Promise<ScratchFile> {
    const path = join(folder, `posta-upload-${randomUUID()}`);
    try {
      const handle = await open(path, 'wx+', 0o600);
      const file = new ScratchFile(folder, handle);
      await unlink(path).catch(async (fault: unknown) => {
        await handle.close();
        throw fault;
      });
      return file;
    } catch (cause) {
      throw scratchFault(folder, cause);
    }
  }

  get size(): number {
    return this.#size;
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    const bytes = Buffer.concat(parts);
    try {
      await this.#handle.appendFile(bytes);
    } catch (cause) {
      throw scratchFault(this.#folder, cause);
    }
    this.#size += bytes.length;
  }

  /** Fills `into` from `position` on. */
  async read(into: Uint8Array, position: number): Promise<void> {
    for (let at = 0; at < into.length;) {
      const { bytesRead } = await this.#handle.read(into, at, into.length - at, position + at);
      if (bytesRead === 0) throw new Error(`a file in the scratch folder ${this.#folder} has lost bytes`);
      at += bytesRead;
    }
  }

  /** Gives its room back. */
  close(): Promise<void> {
    return this.#handle.close();
  }
}

function scratchFault(folder: string, cause: unknown): Error {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const why =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'is full: it needs room for the messages that come in at the same time'
      : `cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new Error(`the scratch folder ${folder} ${why}`, { cause });
}
