/**
 * Memory that a process's uploads share beyond what each may hold by itself: so that a few messages of a megabyte are
 * appended like all others, and many at once go to segments of their own as they come.
 */

/** In all. */
const sharedBytes = 8 * 1024 * 1024;
/** Of one upload, with what it may hold by itself. */
export const maxSharingBytes = 2 * 1024 * 1024;

/** What an upload has of it. */
export interface Share {
  borrowedBytes: number;
}

export class UploadMemory {
  #leftBytes: number;

  constructor(bytes = sharedBytes) {
    this.#leftBytes = bytes;
  }

  /** false where there is not so much left: then nothing is taken. */
  borrow(share: Share, bytes: number): boolean {
    if (bytes > this.#leftBytes) return false;
    this.#leftBytes -= bytes;
    share.borrowedBytes += bytes;
    return true;
  }

  /** All that the share has. */
  giveBack(share: Share): void {
    this.#leftBytes += share.borrowedBytes;
    share.borrowedBytes = 0;
  }
}
