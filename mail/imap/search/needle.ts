/**
 * Texts that are looked for in a message's text while it goes by (Knuth, Morris, Pratt): in linear time, however needle
 * and text repeat themselves, and without keeping what has gone by.
 */

/** A text that is looked for. Compared by identity. */
export interface Needle {
  /** As `fold` gives it; not empty. */
  readonly folded: string;
  /** TEXT looks in the message's own header too. */
  readonly where: 'body' | 'text';
  /** For each of its beginnings, how much of its end is a beginning as well: what still matches where the next does not. */
  readonly borders: Uint32Array;
}

export function needleOf(folded: string, where: Needle['where']): Needle {
  const borders = new Uint32Array(folded.length);
  let border = 0;
  for (let at = 1; at < folded.length; at += 1) {
    while (border > 0 && folded[at] !== folded[border]) border = borders[border - 1] ?? 0;
    if (folded[at] === folded[border]) border += 1;
    borders[at] = border;
  }
  return { folded, where, borders };
}

/** Looks for all of some needles in one text, which comes in pieces. */
export class NeedleFinder {
  readonly #found: (needle: Needle) => void;
  #missing: readonly Search[];

  /** `found` is called for each, once. */
  constructor(needles: Iterable<Needle>, found: (needle: Needle) => void) {
    this.#missing = Array.from(needles, (needle) => new Search(needle));
    this.#found = found;
  }

  /** The next piece, folded. */
  write(folded: string): void {
    const found = this.#missing.filter((search) => search.reaches(folded));
    if (found.length === 0) return;
    this.#missing = this.#missing.filter((search) => !found.includes(search));
    for (const { needle } of found) this.#found(needle);
  }
}

/** So much of a needle is looked for at once: the more, the fewer false beginnings; not all, to stay linear in time. */
const leadLength = 4;

class Search {
  readonly needle: Needle;
  readonly #lead: string;
  /** How much of the needle the text's end matches. */
  #matched = 0;

  constructor(needle: Needle) {
    this.needle = needle;
    this.#lead = needle.folded.slice(0, leadLength);
  }

  /** Whether the needle ends in this piece. */
  reaches(text: string): boolean {
    const { folded, borders } = this.needle;
    const lead = this.#lead;
    let matched = this.#matched;
    for (let at = 0; at < text.length; at += 1) {
      if (matched === 0) {
        const begun = text.indexOf(lead, at);
        // Of what is shorter than the lead, at the end, the rest may follow in the next piece.
        at = begun < 0 ? Math.max(at, text.length - lead.length + 1) : begun;
        if (at >= text.length) break;
      }
      const code = text.charCodeAt(at);
      while (matched > 0 && folded.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0;
      if (folded.charCodeAt(matched) === code) matched += 1;
      if (matched === folded.length) return true;
    }
    this.#matched = matched;
    return false;
  }
}
