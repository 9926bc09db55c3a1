/** A header field's value as people read it. */
import type { Charsets } from './charset.ts';
import { decodeEncodedWords } from './encoded-word.ts';
import { decodeText, unfold } from './header.ts';

/** From the octets as they stand (as Latin-1 characters): unfolded, UTF-8 where they are such, encoded words decoded. */
export function headerText(value: string, charsets?: Charsets): string {
  const line = unfold(value);
  return decodeEncodedWords(decodeText(line) ?? line, charsets);
}
