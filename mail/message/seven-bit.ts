/**
 * A message with 8-bit bodies made 7-bit, for a server without 8BITMIME (RFC 6152 section 3): bodies encoded, labels
 * replaced, all else byte for byte as it was. `SevenBitScanner` has said before what is to be done.
 */
import { parseHeader } from './header.ts';
import { childrenOf, partAt } from './part-table.ts';
import type { BodyChange, EntityChange } from './seven-bit-plan.ts';
import type { SevenBitPlan } from './seven-bit-scan.ts';
import {
  Base64Encoder,
  Base64Mender,
  QuotedPrintableEncoder,
  QuotedPrintableMender,
  type TransferEncoder,
} from './transfer-encoder.ts';

/**
 * The message that `plan` was made of, changed as it says. Memory is bounded by the largest chunk and header. Rejects
 * when `bytes` are not that message's, or cannot be read.
 */
export async function* toSevenBit(
  bytes: AsyncIterable<Uint8Array>,
  plan: SevenBitPlan,
): AsyncGenerator<Uint8Array> {
  const stretches = new Stretches(plan);
  for await (const chunk of bytes) yield* stretches.change(chunk);
  stretches.finish();
}

/** Octets of the message up to `end`, and what becomes of them. */
interface Stretch {
  readonly end: number;
  readonly encoder: TransferEncoder;
}

/** The message as one stretch after another. */
class Stretches {
  readonly #all: Generator<Stretch>;
  readonly #sizeBytes: number;
  #current: Stretch | undefined;
  /** Octets read. */
  #at = 0;

  constructor(plan: SevenBitPlan) {
    this.#all = stretchesOf(plan, 0);
    this.#sizeBytes = sizeOf(plan);
  }

  /** What can be written once the message's next octets are known. */
  *change(chunk: Uint8Array): Generator<Uint8Array> {
    for (let from = 0; from < chunk.length;) {
      const { end, encoder } = this.#stretch();
      const to = Math.min(chunk.length, from + end - this.#at);
      const written = encoder.write(chunk.subarray(from, to));
      this.#at += to - from;
      from = to;
      if (written.length > 0) yield written;
      const last = this.#at === end ? encoder.end() : written.subarray(0, 0);
      if (last.length > 0) yield last;
    }
  }

  finish(): void {
    if (this.#at !== this.#sizeBytes) throw new Error('the message is shorter than the one that was scanned');
  }

  #stretch(): Stretch {
    while (this.#current === undefined || this.#current.end <= this.#at) {
      const next = this.#all.next();
      if (next.done === true) throw new Error('the message is longer than the one that was scanned');
      this.#current = next.value;
    }
    return this.#current;
  }
}

/** An entity and all that is in it, from its header on; stretches may be empty. */
function* stretchesOf(plan: SevenBitPlan, index: number): Generator<Stretch> {
  const { parts, changes } = plan;
  const part = partAt(parts, index);
  if (part === undefined) return;
  const change = changes.get(index) ?? {};
  const encodedWhole = part.kind === 'leaf' || change.body === 'base64';
  yield { end: part.bodyStart, encoder: headerEncoder(change) };
  for (const child of encodedWhole ? [] : childrenOf(parts, index)) {
    yield { end: partAt(parts, child)?.headerStart ?? part.bodyEnd, encoder: bodyEncoder(change.body) };
    yield* stretchesOf(plan, child);
  }
  const encoder = bodyEncoder(change.body);
  // Base64 has no line end after its last line: in a multipart the boundary's follows.
  const needsLineEnd = change.body?.endsWith('base64') === true && part.bodyEnd === sizeOf(plan);
  yield { end: part.bodyEnd, encoder: needsLineEnd ? withLineEnd(encoder) : encoder };
}

/** In octets, as it was scanned. */
function sizeOf({ parts }: SevenBitPlan): number {
  return partAt(parts, 0)?.bodyEnd ?? 0;
}

function withLineEnd(encoder: TransferEncoder): TransferEncoder {
  return {
    write: (bytes) => encoder.write(bytes),
    end: () => Buffer.concat([encoder.end(), Buffer.from('\r\n')]),
  };
}

const nothing = new Uint8Array(0);
const asItIs: TransferEncoder = { write: (bytes) => bytes, end: () => nothing };
/** In no boundary that RFC 2046 section 5.1.1 allows. */
const masked = 0x23;

function bodyEncoder(change: BodyChange | undefined): TransferEncoder {
  switch (change) {
    case undefined:
      return asItIs;
    case 'quoted-printable':
      return new QuotedPrintableEncoder();
    case 'base64':
      return new Base64Encoder();
    case 'mend quoted-printable':
      return new QuotedPrintableMender();
    case 'mend base64':
      return new Base64Mender();
    case 'mask':
      return { write: (bytes) => bytes.map((octet) => (octet > 0x7f ? masked : octet)), end: () => nothing };
    default:
      return change satisfies never;
  }
}

function headerEncoder(change: EntityChange): TransferEncoder {
  if (change.label === undefined) return asItIs;
  const chunks: Uint8Array[] = [];
  return {
    write(bytes) {
      // The chunk may be used again by whoever gave it.
      chunks.push(Buffer.from(bytes));
      return nothing;
    },
    end: () => relabelled(Buffer.concat(chunks), change),
  };
}

/** The header with its new label in the place of the old one, or else before its empty line. */
function relabelled(header: Buffer, { label = '7bit', mimeVersion = false }: EntityChange): Uint8Array {
  const text = header.toString('latin1');
  const lineEnd = /(?:^|[^\r])\n$/.test(text) ? '\n' : '\r\n';
  const field = `Content-Transfer-Encoding: ${label}${lineEnd}`;
  const old = parseHeader(header).filter(({ key }) => key === 'content-transfer-encoding');
  const pieces: string[] = [];
  let at = 0;
  for (const [index, { start, end }] of old.entries()) {
    pieces.push(text.slice(at, start), index === 0 ? field : '');
    at = end;
  }
  const added = `${mimeVersion ? `MIME-Version: 1.0${lineEnd}` : ''}${old.length === 0 ? field : ''}`;
  const emptyLine = Math.max(at, text.length - lineEnd.length);
  pieces.push(text.slice(at, emptyLine), added, text.slice(emptyLine));
  return Buffer.from(pieces.join(''), 'latin1');
}
