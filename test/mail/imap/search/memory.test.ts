/** Text parts of 50 MB: what is held of them while they are searched does not depend on their size. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readMessage } from '../../../../mail/imap/search/read-message.ts';
import { MemoryBlobs } from '../../mailbox/mail-kit.ts';
import { criterionOf, testMessage } from './search-kit.ts';

const pieceOctets = 65_536;
const megabytes = 50;
const totalOctets = megabytes * 1024 * 1024;
/** What the collector has not got round to is among it. */
const mostHeldOctets = 16 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heldOctets(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A header, and a body of which only the first piece is ever at hand. */
class EndlessBlobs extends MemoryBlobs {
  mostHeld = 0;
  readonly #head: Buffer;
  readonly #line: string;

  constructor(head: Buffer, line: string) {
    super();
    this.#head = head;
    this.#line = line;
  }

  override async *read(): AsyncGenerator<Uint8Array> {
    const before = heldOctets();
    let piece = 0;
    for (let at = this.#head.length; at < totalOctets; at += pieceOctets) {
      if (piece++ % 100 === 0) this.mostHeld = Math.max(this.mostHeld, heldOctets() - before);
      yield Buffer.alloc(Math.min(pieceOctets, totalOctets - at), this.#line);
    }
  }
}

for (const [what, type, encoding, line] of [
  ['plain text', 'text/plain; charset=utf-8', '8bit', 'Some words in a line, año 2026.\r\n'],
  ['base64 in one line', 'text/plain; charset=gb18030', 'base64', 'QUJD'],
  ['quoted-printable of nothing but marks', 'text/plain; charset=utf-8', 'quoted-printable', '=CC=81'],
  ['HTML of nothing but ampersands', 'text/html', '7bit', '&'],
  ['ideographs without a space', 'text/plain; charset=utf-16le', '8bit', 'N-'],
] as const)
  test(`${megabytes} MB of ${what} are searched in little memory`, async () => {
    const head = Buffer.from(`Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`);
    const { message, index } = testMessage(head);
    // As the index of the whole message says, which is never made.
    message.learnIndex({ ...index, parts: [-1, 0, 0, head.length, totalOctets, 0] });
    const blobs = new EndlessBlobs(head, line);
    const criterion = criterionOf(`BODY "not there" BODY "${'nor this '.repeat(80)}"`);
    await readMessage(message, { criterion, blobs, pause: () => Promise.resolve() });
    assert.equal(criterion.matches(message), false);
    assert.ok(blobs.mostHeld < mostHeldOctets, `${blobs.mostHeld} octets were held`);
  });
