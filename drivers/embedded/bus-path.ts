/** Where the bus of a data directory has its socket. */
import { createHash } from 'node:crypto';
import { lstat, mkdir, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A socket's path takes 104 bytes on macOS, 108 on Linux; the end and a name for taking over must fit. */
const maxFolderBytes = 80;

/** The folder that holds the socket: the data directory, or, where its path is too long, one in the system's own. */
export async function busFolder(dataDirectory: string): Promise<string> {
  const folder = await realpath(dataDirectory);
  if (Buffer.byteLength(folder) <= maxFolderBytes) return folder;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 20);
  const elsewhere = join(tmpdir(), `posta-${name}`);
  await mkdir(elsewhere, { recursive: true, mode: 0o700 });
  // Anyone may make a folder of that name there: only our own that nobody else can enter is used.
  const { uid, mode } = await lstat(elsewhere).then((found) => {
    if (!found.isDirectory()) throw new Error(`${elsewhere} is in the way: remove it`);
    return found;
  });
  if ((process.getuid && uid !== process.getuid()) || (mode & 0o077) !== 0)
    throw new Error(`${elsewhere} must belong to this user alone: remove it`);
  return elsewhere;
}
