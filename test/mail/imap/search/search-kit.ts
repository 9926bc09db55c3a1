/** Programs and messages without a session, a mailbox or a store around them. */
import { toIndex } from '../../../../mail/delivery/index-message.ts';
import { imapLimits } from '../../../../mail/imap/limits.ts';
import { imapRegistry } from '../../../../mail/imap/registry.ts';
import { searchProgram, type SearchProgram } from '../../../../mail/imap/search/program.ts';
import type { Criterion } from '../../../../mail/imap/search/search-key.ts';
import { SearchedMessage } from '../../../../mail/imap/search/searched-message.ts';
import type { Session } from '../../../../mail/imap/session.ts';
import { Scanner } from '../../../../mail/imap/syntax/scanner.ts';
import type { MessageIndex } from '../../../../mail/mailbox/message-index.ts';
import type { MessageRecord } from '../../../../mail/mailbox/message-record.ts';
import { parseMessageId, parseRev, parseUid, sound } from '../../../../mail/mailbox/types.ts';
import { scanMessage } from '../../../../mail/message/scan-message.ts';
import type { Blobs } from '../../../../mail/ports/blobs.ts';
import { MemoryBlobs } from '../../mailbox/mail-kit.ts';

/** What a program asks of a session: 9 messages, the last with the uid 90. */
const session = {
  limits: imapLimits,
  registry: imapRegistry,
  selected: { told: { count: 9, lastUid: 90 } },
} as unknown as Session;

/** Reads a program, its text in UTF-8 and without literals; undefined, or why it is none. */
export function readProgram(text: string): { readonly program?: SearchProgram; readonly failure?: string } {
  const args = new Scanner({ texts: [Buffer.from(text).toString('latin1')], literals: [] });
  const program = searchProgram(args, session);
  if (args.end() && program !== undefined) return { program };
  return { failure: args.failure ?? 'nothing' };
}

export function criterionOf(text: string): Criterion {
  const { program, failure } = readProgram(text);
  if (program === undefined) throw new Error(`${text}: ${failure}`);
  return program.criterion;
}

/** A message, its index apart: to be learned. */
export interface TestMessage {
  readonly message: SearchedMessage;
  readonly index: MessageIndex;
  readonly blobs: MemoryBlobs;
}

/** The first of a mailbox, not seen, of 2026-01-01, unless told. */
export function testMessage(
  bytes: Uint8Array,
  known: Partial<Omit<MessageRecord, 'uid' | 'modSeq'>> & {
    readonly uid?: number;
    readonly place?: number;
    readonly recent?: boolean;
  } = {},
): TestMessage {
  const { place = 0, recent = false, uid = 1, ...more } = known;
  const blobs = new MemoryBlobs();
  blobs.stored.set('blob', bytes);
  const messageId = sound(parseMessageId('m'), 'message id');
  const receivedAt = new Date('2026-01-01T00:00:00Z');
  const record: MessageRecord = {
    system: 0,
    keywords: [],
    size: bytes.length,
    internalDateSeconds: receivedAt.getTime() / 1000,
    saveDateSeconds: receivedAt.getTime() / 1000,
    ...more,
    uid: sound(parseUid(uid), 'uid'),
    modSeq: sound(parseRev(7), 'mod-sequence'),
  };
  const index = toIndex(scanMessage(bytes), { messageId, blobKey: 'blob', receivedAt });
  return { message: new SearchedMessage({ place, record, recent }), index, blobs };
}

/** Blobs whose pieces are of so many octets; `reads` are the ranges that were asked for, `octets` what was taken. */
export class ChoppedBlobs extends MemoryBlobs {
  readonly reads: (readonly [number, number])[] = [];
  octets = 0;
  readonly #pieceOctets: number;

  constructor(bytes: Uint8Array, pieceOctets: number) {
    super();
    this.stored.set('blob', bytes);
    this.#pieceOctets = pieceOctets;
  }

  override async *read(...[key, range = { start: 0, end: Infinity }]: Parameters<Blobs['read']>) {
    this.reads.push([range.start, range.end]);
    const bytes = this.stored.get(key)?.subarray(range.start, range.end) ?? new Uint8Array(0);
    for (let at = 0; at < bytes.length; at += this.#pieceOctets) {
      const piece = bytes.subarray(at, at + this.#pieceOctets);
      this.octets += piece.length;
      yield piece;
    }
  }
}
