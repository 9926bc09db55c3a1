/**
 * What can be seen of a file before LMDB opens it: on some damage LMDB ends the whole process. Two meta pages stand at its
 * beginning (MDB_meta in LMDB's mdb.c), and the newer one names the root pages; each page begins with its own number.
 */
import { closeSync, openSync, readSync } from 'node:fs';

const pageBytes = 4096;
/** MDB_MAGIC, and where it stands on a meta page. */
const mark = 0xbeefc0de;
const markAt = 24;
/** Of the tree of free pages, and of the main tree, on a meta page. */
const rootsAt = [88, 136];
const transactionAt = 152;
/** The root of an empty tree. */
const noPage = 2n ** 64n - 1n;
/** Another process may write meanwhile, and a root of before be something else by now. */
const attempts = 3;

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
    if (readPage(file, 0).length === 0) return;
    for (let attempt = 1; !areRootsWhole(file); attempt++)
      if (attempt === attempts) throw new Error('data.mdb in it is damaged, or no table of Posta');
  } finally {
    closeSync(file);
  }
}

function areRootsWhole(file: number): boolean {
  const [one, other] = [readPage(file, 0), readPage(file, 1)];
  if (!isMeta(one) || !isMeta(other)) return false;
  const newer = one.readBigUInt64LE(transactionAt) > other.readBigUInt64LE(transactionAt) ? one : other;
  return rootsAt.every((at) => {
    const root = newer.readBigUInt64LE(at);
    if (root === noPage) return true;
    const page = readPage(file, Number(root));
    return page.length === pageBytes && page.readBigUInt64LE() === root;
  });
}

function isMeta(page: Buffer): boolean {
  return page.length === pageBytes && page.readUInt32LE(markAt) === mark;
}

/** Shorter where the file ends before. */
function readPage(file: number, number: number): Buffer {
  const page = Buffer.alloc(pageBytes);
  return page.subarray(0, readSync(file, page, 0, pageBytes, number * pageBytes));
}
