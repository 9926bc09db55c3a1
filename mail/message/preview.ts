/** The first words of a message (RFC 8970 section 3): for people, so a guess at broken input is as good as any. */
import { lenientTextDecoder } from './charset.ts';
import { decodeEntities } from './html-entities.ts';
import { messageLimits } from './limits.ts';
import { decodeTransfer } from './transfer-decoder.ts';

/** The beginning of a text part as it stands in the message. */
export interface EncodedText {
  readonly bytes: Uint8Array;
  /** Content-Transfer-Encoding, in upper case. */
  readonly encoding: string;
  /** As the part names it; UTF-8 where it names none, or one that is not known. */
  readonly charset?: string;
  readonly html: boolean;
}

/** White space, controls, and what newsletters pad their hidden previews with (U+034F, zero widths, soft hyphens). */
const invisible = /(?:[\s\p{Cc}\u200b-\u200f\u2028-\u202e\u00ad\ufeff]|\u034f)+/gu;

/** Octets that the words of most texts are found in. */
const mostlyEnough = 2048;
/** Characters from which on no more are looked for: a preview's may take two units each. */
const enoughWords = messageLimits.maxPreviewCharacters * 2;
/** No character reference or encoded character that a cut has torn is longer. */
const longestTorn = 40;

/** At most 200 characters on one line; empty where the text has nothing to show. */
export function previewOf(text: EncodedText): string {
  const words = firstWords(text) ?? wordsOf(text);
  return Array.from(words.slice(0, enoughWords))
    .slice(0, messageLimits.maxPreviewCharacters)
    .join('')
    .toWellFormed()
    .trimEnd();
}

/** Those of the text's beginning, where they are enough: what the cut has torn is behind them. */
function firstWords(text: EncodedText): string | undefined {
  if (text.bytes.length <= mostlyEnough) return undefined;
  const words = visible(shown(decoded({ ...text, bytes: text.bytes.subarray(0, mostlyEnough) }), text));
  return words.length < enoughWords + longestTorn ? undefined : words;
}

function wordsOf(text: EncodedText): string {
  const whole = decoded(text);
  const own = shown(whole, text);
  // Where all of it quotes another message, that is what there is to show.
  return visible(own.trim() === '' && !text.html ? whole : own);
}

function shown(decodedText: string, { html }: EncodedText): string {
  return html ? stripHtml(decodedText) : withoutQuotations(decodedText);
}

/** A character that the limit cut at the end decodes to nothing (`stream`). */
function decoded({ bytes, encoding, charset }: EncodedText): string {
  return lenientTextDecoder(charset).decode(decodeTransfer(bytes, encoding), { stream: true });
}

/** Its first words: most of a text is not looked at, unless it begins with nothing to see. */
function visible(text: string): string {
  const enough = messageLimits.maxPreviewCharacters * 4;
  const words = text.slice(0, enough).replace(invisible, ' ').trim();
  if (text.length <= enough || words.length >= enoughWords + longestTorn) return words;
  return text.replace(invisible, ' ').trim();
}

/** Without the lines that quote another message. */
function withoutQuotations(text: string): string {
  if (!text.startsWith('>') && !text.includes('\n>')) return text;
  return text
    .split('\n')
    .filter((line) => !line.startsWith('>'))
    .join('\n');
}

/** Elements whose text is not shown. */
const unseen = ['style', 'script', 'head', 'title'];

/** Text without tags, comments and what is not shown; each `<` is looked at once. */
function stripHtml(html: string): string {
  const lower = html.toLowerCase();
  let text = '';
  for (let at = 0; at < html.length;) {
    const tag = html.indexOf('<', at);
    if (tag < 0) return decodeEntities(text + html.slice(at));
    text += html.slice(at, tag);
    const end = afterTag(lower, tag);
    if (end === tag + 1) text += '<';
    else if (!/^<\/?(a|abbr|b|em|font|i|s|span|strong|u)\b/.test(lower.slice(tag, tag + 10))) text += ' ';
    at = end;
  }
  return decodeEntities(text);
}

/** Where the text goes on after the `<` at `tag`: after the tag, the comment, or the element that is not shown. */
function afterTag(lower: string, tag: number): number {
  if (lower.startsWith('<!--', tag)) return past(lower, '-->', tag + 4);
  if (!/[a-z/!?]/.test(lower.charAt(tag + 1))) return tag + 1;
  const hidden = unseen.find(
    (name) => lower.startsWith(name, tag + 1) && /[\s>]/.test(lower.charAt(tag + 1 + name.length)),
  );
  if (hidden === undefined) return past(lower, '>', tag);
  return past(lower, '>', past(lower, `</${hidden}`, tag) - 1);
}

/** Past the next `text`, or at the end where there is none: each is looked for once, then the loop is over. */
function past(lower: string, text: string, from: number): number {
  const found = lower.indexOf(text, from);
  return found < 0 ? lower.length : found + text.length;
}
