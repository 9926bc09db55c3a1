/**
 * Reads of a message what its criterion wants to know, once and only until it can tell: its header, then its text parts,
 * in the order in which they stand. Memory does not depend on their size.
 */
import type { MessageIndex } from '../../mailbox/message-index.ts';
import { Charsets } from '../../message/charset.ts';
import { FoldingStream, fold } from '../../message/fold.ts';
import { BoundedBytes } from '../../message/header-scan.ts';
import { headerText } from '../../message/header-text.ts';
import { parseFields, type HeaderField } from '../../message/header.ts';
import { messageLimits } from '../../message/limits.ts';
import { partAt } from '../../message/part-table.ts';
import { textParts, type TextForm } from '../../message/text-parts.ts';
import { TextStream } from '../../message/text-stream.ts';
import type { Blobs, ByteRange } from '../../ports/blobs.ts';
import { NeedleFinder, type Needle } from './needle.ts';
import type { Criterion, Wanted } from './search-key.ts';
import type { SearchedMessage } from './searched-message.ts';

/** Octets between two parts that are read and passed over: one range costs less than two. */
const maxGapBytes = 64 * 1024;

/** Octets that are searched for one needle between two pauses; the more needles, the fewer. */
const octetsAPause = 128 * 1024;
const leastPieceOctets = 256;

export interface MessageReading {
  readonly criterion: Criterion;
  readonly blobs: Blobs;
  /** Waited for after each piece. */
  readonly pause: () => Promise<void>;
}

/** Afterwards the criterion can tell. Rejects where the bytes cannot be read. */
export async function readMessage(message: SearchedMessage, reading: MessageReading): Promise<void> {
  const { criterion, blobs, pause } = reading;
  const { index } = message;
  if (index === undefined) throw new Error('the index is read before the text');
  const wanted = wantedOf(message, criterion);
  const segments = segmentsOf(message, index, wanted);
  const pieceOctets = Math.max(leastPieceOctets, Math.floor(octetsAPause / (wanted.needles.size + 1)));
  for (const { range, within } of runsOf(segments)) {
    const handing = new Handing(within);
    let at = range.start;
    let known = message.learned;
    for await (const chunk of blobs.read(index.blobKey, range))
      for (const piece of piecesOf(chunk, pieceOctets)) {
        handing.take(piece, at);
        at += piece.length;
        if (message.learned !== known && criterion.matches(message) !== undefined) return;
        known = message.learned;
        await pause();
      }
    if (at < range.end) throw new Error(`the message ${index.messageId} is shorter than its index says`);
  }
  message.learnRest(wanted);
}

function* piecesOf(chunk: Uint8Array, octets: number): Generator<Uint8Array> {
  for (let at = 0; at < chunk.length; at += octets) yield chunk.subarray(at, at + octets);
}

function wantedOf(message: SearchedMessage, criterion: Criterion): Wanted {
  const wanted: Wanted = { header: false, needles: new Set() };
  criterion.want?.(message, wanted);
  return wanted;
}

/** Octets that somebody wants. */
interface Segment extends ByteRange {
  /** Called when the first of them come: there may be thousands of parts. */
  readonly begin: () => Sink;
}

interface Sink {
  write(bytes: Uint8Array): void;
  end(): void;
}

/** In the order of the message; none overlaps another or is empty. */
function segmentsOf(message: SearchedMessage, index: MessageIndex, wanted: Wanted): readonly Segment[] {
  const needles = [...wanted.needles];
  const ofHeader = needles.filter(({ where }) => where === 'text');
  const segments: Segment[] = [];
  const whole = partAt(index.parts, 0);
  if (whole !== undefined && (wanted.header || ofHeader.length > 0)) {
    const begin = () => headerSink(message, { needles: ofHeader, own: true });
    segments.push({ start: whole.headerStart, end: whole.bodyStart, begin });
  }
  if (needles.length > 0)
    for (const part of textParts(index.parts, index.bodyStructure)) {
      const { kind, start, end } = part;
      const begin = () =>
        kind === 'text' ? textSink(message, part, needles) : headerSink(message, { needles, own: false });
      segments.push({ start, end, begin });
    }
  return segments.filter(({ start, end }) => start < end);
}

/** Hands what is read to those who want it. */
class Handing {
  readonly #segments: readonly Segment[];
  #next = 0;
  #sink: Sink | undefined;

  constructor(segments: readonly Segment[]) {
    this.#segments = segments;
  }

  /** The next piece, which begins at octet `at`. */
  take(piece: Uint8Array, at: number): void {
    const end = at + piece.length;
    for (;;) {
      const segment = this.#segments[this.#next];
      if (segment === undefined || segment.start >= end) return;
      this.#sink ??= segment.begin();
      this.#sink.write(piece.subarray(Math.max(0, segment.start - at), segment.end - at));
      if (segment.end > end) return;
      this.#sink.end();
      this.#sink = undefined;
      this.#next += 1;
    }
  }
}

/** Segments that are read in one go. */
interface Run {
  readonly range: ByteRange;
  readonly within: readonly Segment[];
}

function runsOf(segments: readonly Segment[]): readonly Run[] {
  const runs: { range: ByteRange; readonly within: Segment[] }[] = [];
  for (const segment of segments) {
    const last = runs.at(-1);
    if (last !== undefined && segment.start - last.range.end <= maxGapBytes) {
      last.range = { start: last.range.start, end: segment.end };
      last.within.push(segment);
    } else runs.push({ range: segment, within: [segment] });
  }
  return runs;
}

/** What it holds already is not looked for again. */
function finderIn(message: SearchedMessage, needles: readonly Needle[]): NeedleFinder {
  const missing = needles.filter((needle) => message.holds(needle) !== true);
  return new NeedleFinder(missing, (needle) => message.learnFound(needle));
}

function textSink(message: SearchedMessage, form: TextForm, needles: readonly Needle[]): Sink {
  const finder = finderIn(message, needles);
  const text = new TextStream(form);
  const folding = new FoldingStream();
  return {
    write: (bytes) => finder.write(folding.write(text.write(bytes))),
    end: () => finder.write(folding.write(text.end()) + folding.end()),
  };
}

/** A header as it stands; and when it is whole, as far as it is of sensible size, its fields as people read them. */
function headerSink(
  message: SearchedMessage,
  { needles, own }: { readonly needles: readonly Needle[]; readonly own: boolean },
): Sink {
  const raw = textSink(message, { encoding: '8BIT', html: false }, needles);
  const bytes = new BoundedBytes(own ? messageLimits.maxHeaderBytes : messageLimits.maxPartHeaderBytes);
  return {
    write(octets) {
      raw.write(octets);
      bytes.add(octets, 0, octets.length);
    },
    end() {
      raw.end();
      const { fields } = parseFields(bytes.bytes, { goesOn: bytes.dropped });
      if (needles.length > 0) finderIn(message, needles).write(fold(decoded(fields)));
      if (own) message.learnHeader(fields);
    },
  };
}

function decoded(fields: readonly HeaderField[]): string {
  const charsets = new Charsets();
  return fields.map(({ name, value }) => `${name}: ${headerText(value, charsets)}`).join('\n');
}
