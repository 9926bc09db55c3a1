/** A command line (RFC 1939 section 3, RFC 2449 section 4): octets to keyword and argument. */

export type CommandLine =
  | { readonly kind: 'ok'; readonly verb: string; readonly argument: string }
  | { readonly kind: 'notUtf8' }
  | { readonly kind: 'bad'; readonly reason: string };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The line without its end. The verb is upper case; the argument is all that stands behind one space, as written: a
 * password may begin or end with spaces (RFC 1939 section 7, PASS). Octets outside ASCII must be UTF-8 (RFC 6856
 * section 2.2); control characters stand in no command.
 */
export function parseCommandLine(line: Uint8Array): CommandLine {
  let text: string;
  try {
    text = decoder.decode(line);
  } catch {
    return { kind: 'notUtf8' };
  }
  if (/[\x00-\x1f\x7f]/.test(text)) return { kind: 'bad', reason: 'the line holds a control character' };
  const space = text.indexOf(' ');
  const verb = space < 0 ? text : text.slice(0, space);
  return { kind: 'ok', verb: verb.toUpperCase(), argument: space < 0 ? '' : text.slice(space + 1) };
}

/** An argument's words. Spaces around them are forgiven: many clients send one at the end. */
export function words(argument: string): readonly string[] {
  return argument.split(' ').filter((word) => word !== '');
}

/** The number that a word writes, 0 to 2^53 - 1, or undefined where it writes none. */
export function parseNumber(word: string): number | undefined {
  return /^\d{1,15}$/.test(word) ? Number(word) : undefined;
}
