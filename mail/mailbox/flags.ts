/** Flags of a message (RFC 9051 section 2.3.2): system flags as bits, keywords by name. */
import { maxKeywordOctets } from './limits.ts';

/** The bits of the system flags. `\Recent` is none of them: it belongs to a session. */
export const systemFlags = { seen: 1, answered: 2, flagged: 4, deleted: 8, draft: 16 } as const;

/** All bits of `systemFlags`. */
export const allSystemFlags = 31;

/** What a message is marked with. */
export interface Flags {
  /** Bits of `systemFlags`. */
  readonly system: number;
  /** `$Forwarded`, `$MDNSent` …: sorted, each once, spelled as the mailbox first saw them. */
  readonly keywords: readonly string[];
}

/** No flags at all. */
export const noFlags: Flags = { system: 0, keywords: [] };

/** RFC 9051 section 9, flag-keyword: an atom. Resp-specials (`]`) are kept out as well: old clients trip over them. */
const keywordSyntax = /^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]+$/;

/** Whether `text` may be a keyword. */
export function isKeyword(text: string): boolean {
  return text.length <= maxKeywordOctets && keywordSyntax.test(text);
}

/** `replace` sets exactly these, `add` and `remove` leave the others as they are. */
export type FlagAction = 'add' | 'remove' | 'replace';

/** What `before` becomes; the very same object where nothing changes. Keywords are compared without case. */
export function changeFlags(before: Flags, action: FlagAction, change: Flags): Flags {
  const after = applied(before, action, change);
  return sameFlags(before, after) ? before : after;
}

function applied(before: Flags, action: FlagAction, change: Flags): Flags {
  switch (action) {
    case 'replace':
      return { system: change.system, keywords: sortedKeywords(change.keywords) };
    case 'add':
      return {
        system: before.system | change.system,
        keywords:
          change.keywords.length === 0
            ? before.keywords
            : sortedKeywords([...before.keywords, ...change.keywords]),
      };
    case 'remove':
      return { system: before.system & ~change.system, keywords: without(before.keywords, change.keywords) };
    default:
      return action satisfies never;
  }
}

function without(keywords: readonly string[], removed: readonly string[]): readonly string[] {
  if (removed.length === 0 || keywords.length === 0) return keywords;
  const gone = new Set(removed.map((keyword) => keyword.toLowerCase()));
  return keywords.filter((keyword) => !gone.has(keyword.toLowerCase()));
}

/** Whether two messages' flags are the same. */
export function sameFlags(one: Flags, other: Flags): boolean {
  return (
    one.system === other.system &&
    (one.keywords === other.keywords ||
      (one.keywords.length === other.keywords.length &&
        one.keywords.every((keyword, at) => keyword === other.keywords[at])))
  );
}

/** Sorted by code units, each once whatever its case (the first spelling stays). */
export function sortedKeywords(keywords: readonly string[]): readonly string[] {
  if (keywords.length === 0) return keywords;
  const bySpelling = new Map<string, string>();
  for (const keyword of keywords) {
    const folded = keyword.toLowerCase();
    if (!bySpelling.has(folded)) bySpelling.set(folded, keyword);
  }
  return [...bySpelling.values()].toSorted((one, other) => (one < other ? -1 : 1));
}
