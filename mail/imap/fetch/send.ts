/** What is long, in pieces for which the client is waited for: text, and a message's octets as a literal. */
import type { ByteRange } from '../../ports/blobs.ts';
import type { ResponseWriter } from '../response-writer.ts';
import type { FetchContext } from './data-item.ts';

/** Two of them are as much as may be written between two waits. */
const pieceOctets = 32_768;

/** Text whose octets stand as Latin-1 characters, of whatever length. */
export function sendText(out: ResponseWriter, latin1: string): void | Promise<void> {
  if (latin1.length > pieceOctets) return sendPieces(out, latin1);
  out.text(latin1);
}

async function sendPieces(out: ResponseWriter, latin1: string): Promise<void> {
  for (let at = 0; at < latin1.length; at += pieceOctets) {
    out.text(latin1.slice(at, at + pieceOctets));
    await out.ready();
  }
}

/**
 * `name {size}` and the octets of a blob, read as the client takes them; NIL where they cannot be read. They are sent as
 * they are stored: RFC 3501 has no way to write a NUL but BINARY's literal8, which a client must ask for, and a message
 * whose octets were changed or withheld would be worse than one that holds what its sender put into it.
 */
export async function sendOctets(
  { out, blobs, unreadable }: FetchContext,
  { name, blobKey, range }: { readonly name: string; readonly blobKey: string; readonly range: ByteRange },
): Promise<void> {
  const size = range.end - range.start;
  if (size <= 0) return sendText(out, `${name} ""`);
  const chunks = blobs.read(blobKey, range)[Symbol.asyncIterator]();
  try {
    // Once the literal is announced there is no way back: so it is known first that there are octets.
    const first = await begun(chunks, blobKey).catch(unreadable);
    if (first === undefined) return await sendText(out, `${name} NIL`);
    await sendText(out, `${name} {${size}}\r\n`);
    let sent = 0;
    for (let chunk: Uint8Array | undefined = first; chunk !== undefined; chunk = await next(chunks)) {
      sent += chunk.length;
      await sendChunk(out, chunk);
    }
    if (sent !== size) throw new Error(`${blobKey} has ${sent} octets of ${size} from ${range.start} on`);
  } finally {
    await chunks.return?.();
  }
}

async function begun(chunks: AsyncIterator<Uint8Array>, blobKey: string): Promise<Uint8Array> {
  const first = await next(chunks);
  if (first === undefined) throw new Error(`${blobKey} ends before the octets that its index tells of`);
  return first;
}

async function next(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
  const result = await chunks.next();
  return result.done === true ? undefined : result.value;
}

async function sendChunk(out: ResponseWriter, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; at += pieceOctets) {
    out.octets(chunk.subarray(at, at + pieceOctets));
    await out.ready();
  }
}
