/**
 * What can be seen of a file before LMDB opens it: on some damage LMDB ends the whole process. Two meta pages stand at its
 * beginning (MDB_meta in LMDB's mdb.c), and the newer one names the root pages; each page begins with its own number.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Of the part of a meta page that is looked at. */
const metaBytes = 160;
/** MDB_MAGIC, and where it stands on a meta page. */
const mark = 0xbeefc0de;
const markAt = 24;
/** Where it says how large the file's pages are: those of the system that made it. */
const pageBytesAt = 48;
const pageSizes: readonly number[] = [4096, 8192, 16_384, 32_768, 65_536];
/** Of the tree of free pages, and of the main tree, on a meta page. */
const rootsAt = [88, 136];
const transactionAt = 152;
/** The root of an empty tree. */
const noPage = 2n ** 64n - 1n;
/** Another process may write meanwhile, and a root of before be something else by now. */
const attempts = 3;
const pauseMs = 10;

/** Throws where the file is there and none of LMDB's, or damaged at its roots. One that is empty or missing may be made. */
export function refuseDamagedFile(path: string): void {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return;
    throw fault;
  }
  try {
    // An empty one is left by a process that was killed while it made it.
    if (fstatSync(file).size === 0) return;
    for (let attempt = 1; !areRootsWhole(file); attempt++) {
      if (attempt === attempts) throw new Error('data.mdb in it is damaged, or no table of Posta');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  } finally {
    closeSync(file);
  }
}

function areRootsWhole(file: number): boolean {
  const one = readMeta(file, 0);
  const pageBytes = one?.readUInt32LE(pageBytesAt) ?? 0;
  const other = pageSizes.includes(pageBytes) ? readMeta(file, pageBytes) : undefined;
  if (one === undefined || other === undefined) return false;
  const newer = one.readBigUInt64LE(transactionAt) > other.readBigUInt64LE(transactionAt) ? one : other;
  return rootsAt.every((at) => {
    const root = newer.readBigUInt64LE(at);
    if (root === noPage) return true;
    if ((root + 1n) * BigInt(pageBytes) > BigInt(fstatSync(file).size)) return false;
    return readBytes(file, { length: 8, position: Number(root) * pageBytes }).readBigUInt64LE() === root;
  });
}

/** undefined where none stands there. */
function readMeta(file: number, position: number): Buffer | undefined {
  const meta = readBytes(file, { length: metaBytes, position });
  return meta.readUInt32LE(markAt) === mark ? meta : undefined;
}

/** Zeros behind the file's end. */
function readBytes(file: number, at: { readonly length: number; readonly position: number }): Buffer {
  const bytes = Buffer.alloc(at.length);
  readSync(file, bytes, 0, at.length, at.position);
  return bytes;
}
