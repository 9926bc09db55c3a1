/** Charsets by the names that mail gives them: those of WHATWG's Encoding Standard, which Node knows. */
import { TextDecoder } from 'node:util';

/** A decoder of that charset; undefined where it is not known. What calls itself US-ASCII and is not, is mostly UTF-8. */
export function textDecoder(charset: string): TextDecoder | undefined {
  try {
    return new TextDecoder(/^us-ascii$/i.test(charset) ? 'utf-8' : charset);
  } catch {
    return undefined;
  }
}

/** Names that are tried in one text; each that is not known costs an exception. */
const maxCharsets = 16;

/** The charsets of one text, or of one header, each looked for once. */
export class Charsets {
  readonly #decoders = new Map<string, TextDecoder | undefined>();

  /** As `textDecoder`; undefined too after so many others. `name` in lower case. */
  decoder(name: string): TextDecoder | undefined {
    if (!this.#decoders.has(name) && this.#decoders.size < maxCharsets)
      this.#decoders.set(name, textDecoder(name));
    return this.#decoders.get(name);
  }
}

/** As `textDecoder`; UTF-8 where the charset is not known or none is named. */
export function lenientTextDecoder(charset = 'utf-8'): TextDecoder {
  return textDecoder(charset) ?? new TextDecoder('utf-8');
}

/** What is decoded at a time, but for a shorter text as a whole. */
const leastOctets = 16;

/**
 * Decodes a text that comes in pieces. Node's decoders of GB18030, EUC-JP and others fail where less octets come at a
 * time than a character that was begun before stands for, so that some are held back.
 */
export class CharsetStream {
  readonly #decoder: TextDecoder;
  #held: Uint8Array = new Uint8Array(0);

  constructor(charset: string | undefined) {
    this.#decoder = lenientTextDecoder(charset);
  }

  write(bytes: Uint8Array): string {
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const end = all.length < 2 * leastOctets ? 0 : all.length - leastOctets;
    this.#held = Uint8Array.from(all.subarray(end));
    return end === 0 ? '' : this.#decoder.decode(all.subarray(0, end), { stream: true });
  }

  end(): string {
    return this.#decoder.decode(this.#held);
  }
}
