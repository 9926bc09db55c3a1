/**
 * Text as it is compared: i;unicode-casemap in spirit (RFC 5051). Composed and decomposed, wide and narrow, upper and
 * lower case fold to the same.
 */

const beyondAscii = /[^\x00-\x7f]/;
/**
 * Marks are put in order by looking back over those before them: a run without end would take the square of its length.
 * So it is cut as in UAX #15's stream-safe text. The two letters beyond `\p{M}` become marks.
 */
const manyMarks = /[\p{M}\uff9e\uff9f]{30}/gu;
const graphemeJoiner = '\u034f';

/** What is compared in place of `text`. Its pieces' folds are the fold of the whole, unless marks are torn from letters. */
export function fold(text: string): string {
  if (isAscii(text)) return text.toUpperCase();
  // To lower case first for the one capital (U+1E9E) whose small letter has another. Upper case in the end: what is
  // lower of a capital sigma depends on the letters around it.
  const safe = text.replace(manyMarks, `$&${graphemeJoiner}`);
  return safe.normalize('NFKD').toLowerCase().toUpperCase();
}

/** So many characters of a script without ASCII are held back at most. */
const maxHeld = 64;

/** Characters of which counting their octets in UTF-8 is faster than looking for one beyond ASCII. */
const long = 64;

function isAscii(text: string): boolean {
  return text.length < long ? !beyondAscii.test(text) : Buffer.byteLength(text) === text.length;
}

/** Folds a text that comes in pieces, each without half a surrogate pair. */
export class FoldingStream {
  #held = '';

  /** The fold of what has come, but for a last letter whose marks may follow. */
  write(text: string): string {
    const all = this.#held + text;
    const end = wholeLetters(all);
    this.#held = all.slice(end);
    return fold(all.slice(0, end));
  }

  /** The fold of what was held back. */
  end(): string {
    const last = fold(this.#held);
    this.#held = '';
    return last;
  }
}

/** Where the last run of characters beyond ASCII begins: marks are such, and are put in order only within one. */
function wholeLetters(text: string): number {
  const least = Math.max(0, text.length - maxHeld);
  let end = text.length;
  while (end > least && text.charCodeAt(end - 1) > 0x7f) end -= 1;
  const torn = end > 0 && end < text.length && isLowSurrogate(text.charCodeAt(end));
  return torn ? end - 1 : end;
}

const isLowSurrogate = (code: number) => code >= 0xdc00 && code <= 0xdfff;
