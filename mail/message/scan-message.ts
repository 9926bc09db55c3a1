/** Everything that the index keeps of a message, found in one pass over its bytes. */
import {
  describe,
  formatBodyStructure,
  StructureBudget,
  withEnvelope,
  type Description,
} from './body-structure.ts';
import { contentFields, parameter } from './content-type.ts';
import { parseDate } from './date.ts';
import { emptyEnvelope, formatEnvelope } from './envelope.ts';
import { encodeHeaderCache } from './header-cache.ts';
import { BoundedBytes } from './header-scan.ts';
import { firstValue } from './header.ts';
import { flatCopy } from './imap-string.ts';
import { messageLimits } from './limits.ts';
import { MimeScanner, type Entity, type MimeVisitor } from './mime-scan.ts';
import { previewOf } from './preview.ts';
import type { ScannedMessage } from './scanned-message.ts';
import { ownMessageId, threadIdOf } from './thread.ts';
import { countReceived, deliveredTo } from './trace.ts';

export type { ScannedMessage } from './scanned-message.ts';

/**
 * Takes a message's bytes in any division, and says what they are. Never fails, whatever the bytes; its memory is
 * bounded by `messageLimits`, its time linear in the octets. Nothing is rewritten: all offsets are of the bytes given.
 */
export class MessageScanner {
  readonly #reader = new MessageReader();
  readonly #mime = new MimeScanner(this.#reader);
  #sizeBytes = 0;

  /** The next octets; nothing of `chunk` is kept. */
  write(chunk: Uint8Array): void {
    this.#sizeBytes += chunk.length;
    this.#mime.write(chunk);
  }

  /** The message is whole. Call it once. */
  finish(): ScannedMessage {
    const parts = this.#mime.finish();
    const structure = formatBodyStructure(parts, this.#reader.descriptions);
    return {
      sizeBytes: this.#sizeBytes,
      headerBytes: parts[3] ?? 0,
      bodyStructure: Buffer.from(structure, 'latin1'),
      parts,
      preview: this.#reader.preview(),
      ...this.#reader.header,
    };
  }
}

/** Scans a message that is at hand. */
export function scanMessage(bytes: Uint8Array): ScannedMessage {
  const scanner = new MessageScanner();
  scanner.write(bytes);
  return scanner.finish();
}

type FromHeader = Omit<ScannedMessage, 'sizeBytes' | 'headerBytes' | 'bodyStructure' | 'parts' | 'preview'>;

/** A text part that the preview may come from. */
interface Candidate {
  readonly index: number;
  readonly bytes: BoundedBytes;
  readonly encoding: string;
  readonly charset: string | undefined;
}

class MessageReader implements MimeVisitor {
  readonly descriptions: Description[] = [];
  header: FromHeader = {
    envelope: Buffer.from(emptyEnvelope, 'latin1'),
    receivedCount: 0,
    deliveredTo: [],
  };
  readonly #budget = new StructureBudget();
  /** What is within a message in this one: its text is not this message's. */
  readonly #attached = new Set<number>();
  #plain: Candidate | undefined;
  #html: Candidate | undefined;

  entity(entity: Entity): boolean {
    if (entity.index === 0) this.header = readHeader(entity);
    const outer = this.descriptions[entity.parent];
    if (outer?.kind === 'message')
      this.descriptions[entity.parent] = this.#budget.take(withEnvelope(outer, entity), () => outer);
    const brief = () => describe(entity, true);
    this.descriptions.push(this.#budget.spent ? brief() : this.#budget.take(describe(entity, false), brief));
    return this.#considerForPreview(entity);
  }

  bodyBytes(index: number, bytes: Uint8Array): void {
    for (const candidate of [this.#plain, this.#html])
      if (candidate?.index === index) candidate.bytes.add(bytes, 0, bytes.length);
  }

  /** The first plain text with something in it, else the first HTML. */
  preview(): string {
    for (const candidate of [this.#plain, this.#html]) {
      if (candidate === undefined) continue;
      const { bytes, encoding, charset } = candidate;
      const html = candidate === this.#html;
      const text = previewOf({
        bytes: bytes.bytes,
        encoding,
        html,
        ...(charset === undefined ? {} : { charset }),
      });
      if (text !== '') return text;
    }
    return '';
  }

  /** Says whether the preview may come from it: the first text of its kind that is no attachment. */
  #considerForPreview({ index, parent, kind, header, contentType }: Entity): boolean {
    const attached =
      parent >= 0 && (this.#attached.has(parent) || this.descriptions[parent]?.kind === 'message');
    if (attached) this.#attached.add(index);
    if (attached || kind !== 'leaf' || contentType.type !== 'TEXT') return false;
    const html = contentType.subtype === 'HTML';
    if (html ? this.#html !== undefined : this.#plain !== undefined || contentType.subtype !== 'PLAIN')
      return false;
    const { disposition, encoding } = contentFields(header.fields);
    if (disposition?.type === 'ATTACHMENT') return false;
    const { maxPreviewHtmlBytes, maxPreviewTextBytes } = messageLimits;
    const bytes = new BoundedBytes(html ? maxPreviewHtmlBytes : maxPreviewTextBytes);
    const candidate = { index, bytes, encoding, charset: parameter(contentType.parameters, 'CHARSET') };
    if (html) this.#html = candidate;
    else this.#plain = candidate;
    return true;
  }
}

function readHeader({ header }: Entity): FromHeader {
  const { fields } = header;
  const envelope = formatEnvelope(fields);
  const headerCache = encodeHeaderCache({ ...header, envelope });
  const messageId = ownMessageId(fields);
  const threadId = threadIdOf(fields);
  const dateMs = parseDate(firstValue(fields, 'date') ?? '')?.ms;
  return {
    envelope: Buffer.from(envelope, 'latin1'),
    ...(headerCache === undefined ? {} : { headerCache }),
    ...(messageId === undefined ? {} : { messageId: flatCopy(messageId) }),
    ...(threadId === undefined ? {} : { threadId }),
    ...(dateMs === undefined ? {} : { dateMs }),
    receivedCount: countReceived(fields),
    deliveredTo: deliveredTo(fields, messageLimits.maxDeliveredTo).map(flatCopy),
  };
}
