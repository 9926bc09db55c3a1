/** Finds out what a path holds, by looking: Maildir, mbox, .eml, a folder or a zip of .eml. */
import { open, stat } from 'node:fs/promises';
import { isEmlName, openEml, openEmlFolder } from './eml.ts';
import { isMaildir, openMaildir } from './maildir.ts';
import { openMbox, parseFromLine } from './mbox.ts';
import { NothingToImport, type Source } from './source.ts';
import { openZip } from './zip.ts';

/** `folder` is where messages go that the source puts into no folder of its own. */
export async function openSource(path: string, folder: string): Promise<Source> {
  const info = await stat(path).catch((fault: NodeJS.ErrnoException) => {
    throw new NothingToImport(path, fault.code === 'ENOENT' ? 'there is no such file' : fault.message);
  });
  if (!info.isDirectory() && !info.isFile())
    throw new NothingToImport(path, 'it is neither a file nor a folder');
  if (info.isDirectory()) {
    if (await isMaildir(path)) return openMaildir(path, folder);
    const messages = await openEmlFolder(path, folder);
    if (messages === undefined)
      throw new NothingToImport(path, 'the folder is no Maildir (it has no `cur`), and holds no .eml file');
    return messages;
  }
  const beginning = await firstBytes(path);
  if (beginning.startsWith('PK\x03\x04') || beginning.startsWith('PK\x05\x06')) {
    const messages = await openZip(path, folder).catch((fault: unknown) => {
      throw new NothingToImport(path, `the zip is damaged (${messageOf(fault)})`);
    });
    if (messages === undefined) throw new NothingToImport(path, 'the zip holds no .eml file');
    return messages;
  }
  if (parseFromLine(beginning.split('\n', 1)[0] ?? '') !== undefined) return openMbox(path, folder);
  if (isEmlName(path) || /^[!-9;-~]+:/.test(beginning)) return openEml(path, folder);
  throw new NothingToImport(
    path,
    'it is no mbox (its first line is no `From ` line), no zip, and does not begin like a message',
  );
}

const messageOf = (fault: unknown) => (fault instanceof Error ? fault.message : String(fault));

async function firstBytes(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(1024), 0, 1024, 0);
    return buffer.subarray(0, bytesRead).toString('latin1');
  } finally {
    await file.close();
  }
}
