/**
 * The languages of reply texts (RFC 6856 section 3). All texts are English, which is what `i-default` asks for too
 * (RFC 2277 section 4.5): the administrator's preferred language, `*`, is the same.
 */
export interface Language {
  /** RFC 5646. */
  readonly tag: string;
  /** Its name, in itself. */
  readonly description: string;
  /** What the client is told when it has chosen it. */
  readonly chosen: string;
}

const english: Language = { tag: 'en', description: 'English', chosen: 'Replies are in English' };

export const languages: readonly Language[] = [
  english,
  { tag: 'i-default', description: 'Default language', chosen: 'Replies are in English' },
];

/** RFC 4647 section 2.1, `language-range`. */
const languageRange = /^(?:\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)$/i;

/**
 * The best language for a basic language range, found as RFC 4647 section 3.4 does (`en-GB` finds `en`);
 * `malformed` where the range is none.
 */
export function findLanguage(range: string): Language | 'malformed' | undefined {
  if (!languageRange.test(range)) return 'malformed';
  if (range === '*') return english;
  const subtags = range.toLowerCase().split('-');
  for (let kept = subtags.length; kept > 0; kept--) {
    const wanted = subtags.slice(0, kept).join('-');
    const found = languages.find(({ tag }) => tag === wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}
