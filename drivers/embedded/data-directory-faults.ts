/** What can be wrong with a data directory, each with what happened to what and what to do next. */
import { statfsSync } from 'node:fs';

/** It cannot be opened: its rights, its disk, or a damaged file. */
export class DataDirectoryUnreadable extends Error {
  constructor(directory: string, reason: string, options?: ErrorOptions) {
    super(`cannot open ${directory}: ${reason}; put that right, or name another data directory`, options);
    this.name = 'DataDirectoryUnreadable';
  }
}

/** A newer Posta has written it; this one would not understand what it reads. */
export class DataDirectoryNewer extends Error {
  constructor(options: { readonly directory: string; readonly found: number; readonly understood: number }) {
    const { directory, found, understood } = options;
    super(
      `${directory} has schema version ${found}, and this Posta understands ${understood}: ` +
        `run the newer Posta that wrote it, or name another data directory`,
    );
    this.name = 'DataDirectoryNewer';
  }
}

/** A write found no room, on the disk or in the table's map. Nothing of it was written. */
export class DataDirectoryFull extends Error {
  constructor(directory: string, reason: string, options?: ErrorOptions) {
    super(
      `nothing was written to ${directory}: ${reason}; free space on its disk, then send the same again`,
      options,
    );
    this.name = 'DataDirectoryFull';
  }
}

/**
 * A commit failed for another reason than space. Nothing of it was written, unless the reason is that the disk did not
 * answer in time: then it may have been.
 */
export class DataDirectoryFault extends Error {
  constructor(directory: string, reason: string, options?: ErrorOptions) {
    super(
      `a commit to ${directory} failed: ${reason}; look at the disk and its system log before starting again`,
      options,
    );
    this.name = 'DataDirectoryFault';
  }
}

/** The store was used after it was closed: an error of the program. */
export class StoreClosed extends Error {
  constructor(directory: string) {
    super(`${directory} was closed before this read or write; wait for what is under way before closing`);
    this.name = 'StoreClosed';
  }
}

/** The reason in words an admin knows. */
export function explainFault(fault: unknown): string {
  const message = fault instanceof Error ? fault.message : String(fault);
  if (/EACCES|EPERM|permission denied/i.test(message))
    return 'the user that runs Posta may not read and write it';
  if (/ENOTDIR|EEXIST/.test(message)) return 'it is not a directory';
  if (/EROFS|read-only/i.test(message)) return 'its file system is read-only';
  if (/MDB_/.test(message)) return `data.mdb in it is damaged, or not of this Posta (${message})`;
  return message;
}

/** Whether LMDB or the system said it, and not the action that ran in the transaction. */
export function isLmdbFault(fault: unknown): boolean {
  return fault instanceof Error && /MDB_|ENOSPC|EDQUOT|EFBIG|EIO|no space left/i.test(fault.message);
}

/** The fault of a commit, as one of the classes above. */
export function commitFault(directory: string, fault: unknown): Error {
  const message = fault instanceof Error ? fault.message : String(fault);
  const options = { cause: fault };
  // LMDB says "Input/output error" where a write was cut short.
  const noSpace = /ENOSPC|EDQUOT|no space left|quota exceeded|input\/output error/i.test(message);
  if (noSpace && isNearlyFull(directory))
    return new DataDirectoryFull(directory, 'the disk is full', options);
  if (/MDB_MAP_FULL|EFBIG|file too large/i.test(message))
    return new DataDirectoryFull(directory, 'the table has reached its largest size', options);
  return new DataDirectoryFault(directory, message, options);
}

/** A disk with less room than a commit may take. */
const nearlyFullBytes = 64 * 2 ** 20;

function isNearlyFull(directory: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize < nearlyFullBytes;
  } catch {
    return false;
  }
}
