/** What goes over the bus: one JSON array `[topic, message]` a line. */

/** A message on a topic. */
export interface BusFrame {
  readonly topic: string;
  readonly message: unknown;
}

/** Of one line. */
export const maxFrameBytes = 64 * 1024;

/** Throws `RangeError` where the frame is too long. */
export function encodeFrame({ topic, message }: BusFrame): Buffer {
  const bytes = Buffer.from(`${JSON.stringify([topic, message])}\n`);
  if (bytes.length > maxFrameBytes) throw new RangeError(`a message takes at most ${maxFrameBytes} bytes`);
  return bytes;
}

/** Undefined for a line that is no frame. */
export function decodeFrame(line: Uint8Array): BusFrame | undefined {
  try {
    const frame: unknown = JSON.parse(Buffer.from(line).toString());
    if (!Array.isArray(frame) || frame.length !== 2 || typeof frame[0] !== 'string') return undefined;
    return { topic: frame[0], message: frame[1] as unknown };
  } catch {
    return undefined;
  }
}

/** Cuts what comes in any pieces into lines. */
export class LineCutter {
  #rest = Buffer.alloc(0);

  /** The lines that are whole, without their ends; undefined once one is too long. */
  cut(bytes: Buffer): readonly Buffer[] | undefined {
    const lines: Buffer[] = [];
    let from = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
      const line = bytes.subarray(from, end);
      lines.push(this.#rest.length > 0 ? Buffer.concat([this.#rest, line]) : line);
      this.#rest = Buffer.alloc(0);
      from = end + 1;
    }
    this.#rest = Buffer.concat([this.#rest, bytes.subarray(from)]);
    const tooLong = [...lines, this.#rest].some(({ length }) => length > maxFrameBytes);
    return tooLong ? undefined : lines;
  }
}
