/** A command line (RFC 5321 section 4.1.1): octets to verb and argument. */

export type CommandLine =
  | { readonly kind: 'ok'; readonly verb: string; readonly argument: string }
  | { readonly kind: 'bad'; readonly reason: string };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The line without its CRLF. The verb is upper case; the argument has no white space around it (RFC 5321 section
 * 4.1.1 asks to take it where it trails). Octets outside ASCII must be UTF-8 (RFC 6531 section 3.3); control
 * characters stand in no command.
 */
export function parseCommandLine(line: Uint8Array): CommandLine {
  let text: string;
  try {
    text = decoder.decode(line);
  } catch {
    return { kind: 'bad', reason: 'the line is neither ASCII nor UTF-8' };
  }
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(text))
    return { kind: 'bad', reason: 'the line holds a control character' };
  const space = text.search(/[ \t]/);
  const verb = space < 0 ? text : text.slice(0, space);
  const argument = space < 0 ? '' : text.slice(space).replace(/^[ \t]+/, '');
  return { kind: 'ok', verb: verb.toUpperCase(), argument: trimEnd(argument) };
}

/** Without spaces and tabs at the end; in linear time, which /[ \t]+$/ is not. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end -= 1;
  return text.slice(0, end);
}
