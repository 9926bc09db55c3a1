/** The text of a part as its octets come: transfer encoding, charset and HTML's references undone. */
import { CharsetStream } from './charset.ts';
import { decodeEntities, maxEntityCharacters } from './html-entities.ts';
import type { TextForm } from './text-parts.ts';
import { transferDecoder, type TransferDecoder } from './transfer-decoder.ts';

/** Any octets give some text, in memory that does not depend on how many they are. HTML keeps its tags. */
export class TextStream {
  readonly #transfer: TransferDecoder;
  readonly #charset: CharsetStream;
  readonly #html: boolean;
  /** What may be the beginning of a reference. */
  #held = '';

  constructor({ encoding, charset, html }: TextForm) {
    this.#transfer = transferDecoder(encoding);
    this.#charset = new CharsetStream(charset);
    this.#html = html;
  }

  /** The text that is whole by now. */
  write(bytes: Uint8Array): string {
    return this.#text(this.#charset.write(this.#transfer.write(bytes)));
  }

  /** The last of it. */
  end(): string {
    const last = this.#charset.write(this.#transfer.end()) + this.#charset.end();
    return this.#text(last) + decodeEntities(this.#held);
  }

  #text(decoded: string): string {
    if (!this.#html) return decoded;
    const text = this.#held + decoded;
    const last = text.lastIndexOf('&');
    const begun = last >= 0 && text.length - last < maxEntityCharacters && !text.includes(';', last);
    const end = begun ? last : text.length;
    this.#held = text.slice(end);
    return decodeEntities(text.slice(0, end));
  }
}
