/** BDAT's argument (RFC 3030 section 2): chunk-size [ SP end-marker ]. */
import { bad, ok, type Parsed } from './parsed.ts';

export interface Chunk {
  readonly octets: number;
  readonly last: boolean;
}

/** Up to 15 digits: more octets than that nobody sends, and numbers stay exact. */
export function parseChunk(argument: string): Parsed<Chunk> {
  const match = /^([0-9]{1,15})([ \t]+LAST)?$/i.exec(argument);
  if (match === null) return bad('write BDAT octets, or BDAT octets LAST');
  return ok({ octets: Number(match[1]), last: match[2] !== undefined }, '');
}
