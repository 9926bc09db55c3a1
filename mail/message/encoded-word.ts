/**
 * Encoded words (RFC 2047): `=?charset?encoding?text?=`, for text that people read. More is taken for one than the RFC
 * allows: longer ones, in quoted strings, and with spaces in them, as mailers write them.
 */
import { Charsets } from './charset.ts';
import { decodeTransfer } from './transfer-decoder.ts';

/** With the language that RFC 2231 section 5 puts behind the charset. Words are looked for in linear time. */
const encodedWord = /=\?([^\s?*]{1,40})(?:\*[^\s?]{0,40})?\?([bBqQ])\?([^?\r\n]*)\?=/g;
const onlyBlanks = /^[ \t\r\n]*$/;

/** Words of one charset that follow on one another; a character may have been cut between two of them. */
interface Run {
  readonly charset: string;
  readonly decoder: { decode(bytes: Uint8Array): string };
  readonly octets: Uint8Array[];
}

/**
 * `text` with its encoded words decoded; those in a charset that is not known stay as they are. Who decodes many texts
 * gives the `charsets` that they share.
 */
export function decodeEncodedWords(text: string, charsets = new Charsets()): string {
  if (!text.includes('=?')) return text;
  let decoded = '';
  let at = 0;
  let run: Run | undefined;
  for (const match of text.matchAll(encodedWord)) {
    const [word, name = '', encoding = '', encoded = ''] = match;
    const charset = name.toLowerCase();
    const between = text.slice(at, match.index);
    at = match.index + word.length;
    const octets = decodeWord(encoding, encoded);
    // White space between encoded words is no text (section 6.2).
    const follows = run !== undefined && onlyBlanks.test(between);
    if (run !== undefined && follows && run.charset === charset) {
      run.octets.push(octets);
      continue;
    }
    decoded += endRun(run);
    const decoder = charsets.decoder(charset);
    if (!follows || decoder === undefined) decoded += between;
    if (decoder === undefined) decoded += word;
    run = decoder && { charset, decoder, octets: [octets] };
  }
  return decoded + endRun(run) + text.slice(at);
}

function endRun(run: Run | undefined): string {
  return run === undefined ? '' : run.decoder.decode(Buffer.concat(run.octets));
}

/** The octets that a word stands for: "Q" is quoted-printable with `_` for a space (section 4.2). */
function decodeWord(encoding: string, encoded: string): Uint8Array {
  if (encoding.toUpperCase() === 'B') return Buffer.from(encoded, 'base64');
  return decodeTransfer(Buffer.from(encoded.replaceAll('_', ' '), 'latin1'), 'QUOTED-PRINTABLE');
}
