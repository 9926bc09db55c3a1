/** The data directory, made where it is missing: readable by nobody but the user who runs Posta. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { CommandFailure } from './failure.ts';

/**
 * Folder by folder, for `recursive` never returns where the system has no place for one (below `/proc`). Throws
 * `CommandFailure`.
 */
export function makeDataDirectory(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeDataDirectory(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (fault) {
    // Another process may have made it meanwhile.
    if (existsSync(path)) return;
    throw new CommandFailure(
      `the data directory ${path} cannot be made: ${reasonOf(fault)}. Name another with --data`,
    );
  }
}

function reasonOf(fault: unknown): string {
  const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not write there';
  if (code === 'EROFS') return 'the file system is read-only';
  if (code === 'ENOTDIR') return 'a part of its path is a file';
  if (code === 'ENOENT') return 'the system has no folders there';
  return fault instanceof Error ? fault.message : String(fault);
}
