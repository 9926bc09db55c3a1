/**
 * The MIME structure of a message (RFC 2045, 2046), found while its bytes go by: which parts there are and where, to
 * the octet. Any bytes have a structure; what cannot be taken apart is a leaf. Memory is bounded by messageLimits and
 * time is linear: each octet is looked at once or twice, and a line is compared with all open boundaries at once.
 *
 * Lines end in LF, with or without CR before it; a CR alone is part of its line.
 */
import { digestPart, parameter, parseContentType, plainText, type ContentType } from './content-type.ts';
import { BoundedBytes } from './header-scan.ts';
import { firstValue, parseFields, trimBlanks, type HeaderField } from './header.ts';
import { messageLimits } from './limits.ts';
import { partKinds, partStride, type PartKind } from './part-table.ts';

const cr = 0x0d;
const lf = 0x0a;
const dash = 0x2d;

/** An entity whose header is whole. */
export interface Entity {
  /** Its place in the table of parts. */
  readonly index: number;
  /** The entity it is in; -1 for the message itself. */
  readonly parent: number;
  /** How it is taken apart. A multipart that turns out to have no part ends as a leaf. */
  readonly kind: PartKind;
  readonly header: EntityHeader;
  /** Content-Type, or what stands for it where there is none or it is broken. */
  readonly contentType: ContentType;
  /** Whether a multipart or message is a leaf only because of a limit, or has no usable boundary. */
  readonly notTakenApart: boolean;
}

/** The header of an entity; `bytes` may change after the visitor's call. */
export interface EntityHeader {
  readonly fields: readonly HeaderField[];
  readonly bytes: Uint8Array;
  /** Whether it is larger than the limit, and fields are missing. */
  readonly cut: boolean;
}

/** Hears of the entities as they are found. */
export interface MimeVisitor {
  /**
   * In the order of the table. Says whether it wants the octets of the body: of a leaf, or what stands before, between
   * and after the parts of a multipart.
   */
  entity(entity: Entity): boolean;
  /** Those octets, in order; the line end before a boundary may be among them. Copy what you keep. */
  bodyBytes(index: number, bytes: Uint8Array): void;
}

interface OpenPart {
  readonly index: number;
  kind: PartKind;
  /** Of a multipart, until its close-delimiter. */
  boundary?: string;
  bodyStart: number;
  /** Line ends before `bodyStart`. */
  linesBefore: number;
  children: number;
  /** Whether its parts are messages unless they say otherwise (multipart/digest). */
  digest: boolean;
  /** Whether the visitor wants its octets. */
  wanted: boolean;
}

/** Takes a message's bytes in any division; `finish` gives the table of its parts (part-table.ts). */
export class MimeScanner {
  readonly #visitor: MimeVisitor;
  readonly #table: number[] = [];
  /** From the message itself to the innermost entity. */
  readonly #open: OpenPart[] = [];
  /** For each boundary that is open the places in `#open` that have it, the innermost last. */
  readonly #boundaries = new Map<string, number[]>();
  /** The least octets of a delimiter so far, which spares most other lines that begin with dashes. */
  #shortest = Infinity;
  /** The innermost entity's header so far; undefined in its body. */
  #header: BoundedBytes | undefined;
  /** The one array for the headers of parts: 10,000 of them would keep the garbage collector busy. */
  readonly #partHeader = new BoundedBytes(messageLimits.maxPartHeaderBytes);
  /** Octets before the chunk at hand, and the last of them. */
  #before = 0;
  #lastOctet = 0;
  #steps = 0;
  #lineStart = 0;
  /** Line ends so far. */
  #lines = 0;
  /** Octets of the line end before `#lineStart`: 2, 1, or 0 at the message's start. */
  #lineEndOctets = 0;
  /** Whether the line at hand is known to be neither a delimiter nor the header's end. */
  #ordinary = false;
  /** The beginning of a line that may be either, held back until that is known. */
  readonly #held = Buffer.alloc(messageLimits.maxDelimiterLineBytes);
  #heldLength = 0;

  constructor(visitor: MimeVisitor) {
    this.#visitor = visitor;
    this.#begin(-1, 0);
  }

  /** The next octets; nothing of `bytes` is kept. */
  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < chunk.length;) {
      const next = this.#ordinary ? this.#skip(chunk, at) : this.#lineBegins(chunk, at);
      this.#steps += 1 + next - at;
      at = next;
    }
    this.#lastOctet = chunk[chunk.length - 1] ?? 0;
    this.#before += chunk.length;
  }

  /** Octets looked at, each time that one is: what the linear time of the scan is measured by. */
  get steps(): number {
    return this.#steps;
  }

  /** Ends all that is open at the last octet. Call it once. */
  finish(): readonly number[] {
    if (this.#heldLength > 0 && !this.#takeDelimiter(this.#before)) this.#release();
    this.#close(0, this.#before);
    return this.#table;
  }

  /** Reads on in a line whose nature is not known yet, until it is. */
  #lineBegins(chunk: Buffer, start: number): number {
    for (let at = start; at < chunk.length; at += 1) {
      const octet = chunk[at] ?? 0;
      if (octet === lf && this.#takeLine(chunk, at)) return at + 1;
      if (octet === lf || !this.#mayMatter(octet)) {
        this.#release();
        this.#ordinary = true;
        return at;
      }
      this.#held[this.#heldLength] = octet;
      this.#heldLength += 1;
    }
    return chunk.length;
  }

  /** Whether the line can still be a delimiter, or a header's end, with this octet at its end. */
  #mayMatter(octet: number): boolean {
    if (this.#heldLength === 0 && octet === cr) return this.#header !== undefined;
    if (this.#boundaries.size === 0) return false;
    if (this.#heldLength < 2) return octet === dash && !this.#heldCr();
    return this.#heldLength < this.#held.length;
  }

  #heldCr(): boolean {
    return this.#heldLength > 0 && this.#held[0] === cr;
  }

  /** The line ends at `lineEnd`: does what it asks for. false where it is ordinary after all. */
  #takeLine(chunk: Buffer, lineEnd: number): boolean {
    const next = this.#before + lineEnd + 1;
    const empty = this.#heldLength === 0 || this.#heldCr();
    if (empty && this.#header === undefined) return false;
    if (empty) {
      this.#nextLine(chunk, lineEnd);
      this.#endHeader(next);
      return true;
    }
    const taken = this.#takeDelimiter(next);
    if (taken) this.#nextLine(chunk, lineEnd);
    return taken;
  }

  /** The line with the line end at `lineEnd` is done. */
  #nextLine(chunk: Buffer, lineEnd: number): void {
    const previous = lineEnd > 0 ? chunk[lineEnd - 1] : this.#lastOctet;
    this.#lineEndOctets = previous === cr ? 2 : 1;
    this.#lines += 1;
    this.#startLine(this.#before + lineEnd + 1);
  }

  #startLine(start: number): void {
    this.#lineStart = start;
    this.#ordinary = false;
    this.#heldLength = 0;
  }

  /** What was held back is part of the header or the body. */
  #release(): void {
    this.#pass(this.#held, 0, this.#heldLength);
    this.#heldLength = 0;
  }

  #pass(chunk: Buffer, start: number, end: number): void {
    if (this.#header !== undefined) this.#header.add(chunk, start, end);
    else if (end > start) {
      const part = this.#open.at(-1);
      if (part?.wanted === true) this.#visitor.bodyBytes(part.index, chunk.subarray(start, end));
    }
  }

  /** Goes to the next line that has to be looked at, or to the chunk's end. */
  #skip(chunk: Buffer, start: number): number {
    const inHeader = this.#header !== undefined;
    const found =
      inHeader || this.#boundaries.size > 0 ? skipLines(chunk, start, inHeader) : countLines(chunk, start);
    this.#lines += found.lines;
    this.#pass(chunk, start, found.lineEnd < 0 ? chunk.length : found.lineEnd + 1);
    if (found.lineEnd < 0) return chunk.length;
    this.#nextLine(chunk, found.lineEnd);
    return found.lineEnd + 1;
  }

  /**
   * RFC 2046 section 5.1.1: `--boundary`, `--` after it where it is the last, and white space. Of equal boundaries the
   * innermost is meant; an outer one ends all within it (section 5.1.2). false where the line held is none of them.
   */
  #takeDelimiter(lineEnd: number): boolean {
    if (this.#heldLength < this.#shortest) return false;
    this.#steps += this.#heldLength;
    const held = this.#held.toString('latin1', 0, this.#heldLength);
    if (!held.startsWith('--')) return false;
    const text = trimBlanks(held.endsWith('\r') ? held.slice(2, -1) : held.slice(2));
    const place = this.#boundaries.get(text)?.at(-1);
    const closed =
      place ?? (text.endsWith('--') ? this.#boundaries.get(text.slice(0, -2))?.at(-1) : undefined);
    if (closed === undefined) return false;
    if (place !== undefined && this.#full()) return false;
    this.#heldLength = 0;
    this.#close(closed + 1, this.#lineStart - this.#lineEndOctets);
    const part = this.#open[closed];
    if (part === undefined) return false;
    if (place === undefined) this.#forget(part);
    else this.#begin(part.index, lineEnd);
    return true;
  }

  #full(): boolean {
    return this.#table.length >= messageLimits.maxParts * partStride;
  }

  /** An entity begins, with its header. */
  #begin(parent: number, headerStart: number): void {
    const index = this.#table.length / partStride;
    this.#table.push(parent, 0, headerStart, headerStart, headerStart, 0);
    const outer = this.#open.at(-1);
    if (outer !== undefined) outer.children += 1;
    this.#partHeader.clear();
    this.#header = index === 0 ? new BoundedBytes(messageLimits.maxHeaderBytes) : this.#partHeader;
    this.#open.push({
      index,
      kind: 'leaf',
      bodyStart: headerStart,
      linesBefore: 0,
      children: 0,
      digest: false,
      wanted: false,
    });
  }

  /** The innermost entity's header is whole: its body begins at `bodyStart`. */
  #endHeader(bodyStart: number): void {
    const part = this.#open.at(-1);
    const header = this.#header;
    if (part === undefined || header === undefined) return;
    this.#header = undefined;
    const { fields, cut } = parseFields(header.bytes, { goesOn: header.dropped });
    const contentType = contentTypeOf(fields, this.#open.at(-2)?.digest === true);
    part.bodyStart = bodyStart;
    part.linesBefore = this.#linesBefore(bodyStart);
    part.kind = this.#takeApart(part, contentType);
    this.#table[part.index * partStride + kindAt] = partKinds.indexOf(part.kind);
    const parent = this.#table[part.index * partStride] ?? -1;
    const { index, kind } = part;
    const notTakenApart = kind === 'leaf' && compositeKind(contentType) !== 'leaf';
    const { bytes } = header;
    const entity = { index, parent, kind, contentType, notTakenApart, header: { fields, bytes, cut } };
    part.wanted = this.#visitor.entity(entity);
    if (kind === 'message') this.#begin(index, bodyStart);
  }

  /** What an entity of that type is taken as, within the limits; opens its boundary. */
  #takeApart(part: OpenPart, contentType: ContentType): PartKind {
    const kind = compositeKind(contentType);
    if (kind === 'leaf' || this.#open.length > messageLimits.maxDepth || this.#full()) return 'leaf';
    if (kind === 'message') return kind;
    const boundary = trimBlanks(parameter(contentType.parameters, 'BOUNDARY') ?? '');
    if (boundary === '' || boundary.length > messageLimits.maxBoundaryBytes) return 'leaf';
    part.boundary = boundary;
    part.digest = contentType.subtype === 'DIGEST';
    this.#shortest = Math.min(this.#shortest, 2 + boundary.length);
    const places = this.#boundaries.get(boundary);
    if (places === undefined) this.#boundaries.set(boundary, [this.#open.length - 1]);
    else places.push(this.#open.length - 1);
    return kind;
  }

  /**
   * Ends the entities from place `from` in `#open` on. `end` is before the line end that belongs to the boundary; an
   * entity that begins after it (an empty body) ends where it begins, and so do those around it.
   */
  #close(from: number, end: number): void {
    let bodyEnd = end;
    while (this.#open.length > from) {
      const part = this.#open.at(-1);
      if (part === undefined) return;
      if (this.#header !== undefined) {
        this.#endHeader(Math.max(bodyEnd, part.bodyStart));
        continue;
      }
      bodyEnd = Math.max(bodyEnd, part.bodyStart);
      this.#record(part, bodyEnd);
      this.#forget(part);
      this.#open.pop();
    }
  }

  #record(part: OpenPart, bodyEnd: number): void {
    const at = part.index * partStride;
    if (part.kind === 'multipart' && part.children === 0)
      this.#table[at + kindAt] = partKinds.indexOf('leaf');
    this.#table[at + bodyStartAt] = part.bodyStart;
    this.#table[at + bodyEndAt] = bodyEnd;
    this.#table[at + linesAt] = this.#linesBefore(bodyEnd) - part.linesBefore;
  }

  /** Line ends before an offset that is the line's start, or before the line end there, or the message's end. */
  #linesBefore(offset: number): number {
    return offset >= this.#lineStart ? this.#lines : this.#lines - 1;
  }

  #forget(part: OpenPart): void {
    if (part.boundary === undefined) return;
    const places = this.#boundaries.get(part.boundary);
    places?.pop();
    if (places?.length === 0) this.#boundaries.delete(part.boundary);
    delete part.boundary;
  }
}

/** Places within a table entry. */
const kindAt = 1;
const bodyStartAt = 3;
const bodyEndAt = 4;
const linesAt = 5;

/** RFC 2045 section 5.2, RFC 2046 section 5.1.5: what is meant where there is no Content-Type. */
function contentTypeOf(fields: readonly HeaderField[], inDigest: boolean): ContentType {
  const value = firstValue(fields, 'content-type');
  if (value === undefined) return inDigest ? digestPart : plainText;
  return parseContentType(value) ?? plainText;
}

function compositeKind({ type, subtype }: ContentType): PartKind {
  if (type === 'MULTIPART') return 'multipart';
  return type === 'MESSAGE' && (subtype === 'RFC822' || subtype === 'GLOBAL') ? 'message' : 'leaf';
}

/** What was skipped: where the last line ends (-1 in the midst of one), and the line ends before it. */
interface Skipped {
  readonly lineEnd: number;
  readonly lines: number;
}

/** To the next line that may be a delimiter, or in a header its end; or that the chunk's end leaves open. */
function skipLines(chunk: Buffer, start: number, inHeader: boolean): Skipped {
  let lines = 0;
  for (let at = start; at < chunk.length; at += 1) {
    if (chunk[at] !== lf) continue;
    const next = chunk[at + 1];
    if (next === undefined) return { lineEnd: at, lines };
    if (next === dash && (chunk[at + 2] ?? dash) === dash) return { lineEnd: at, lines };
    if (inHeader && (next === cr || next === lf)) return { lineEnd: at, lines };
    lines += 1;
  }
  return { lineEnd: -1, lines };
}

/** To the chunk's end: without an open boundary no line of a body matters. */
function countLines(chunk: Buffer, start: number): Skipped {
  let lines = 0;
  for (let at = start; at < chunk.length; at += 1) if (chunk[at] === lf) lines += 1;
  return { lineEnd: -1, lines };
}
