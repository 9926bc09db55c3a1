/** Patterns of LIST and LSUB (RFC 3501 section 6.3.8): `*` stands for anything, `%` for anything within one level. */
import { isInbox, separator } from '../../mailbox/folder-name.ts';
import { decodedMailboxName } from './mailbox-name.ts';
import type { Scanner } from './scanner.ts';

/** A reference and a pattern, joined and in Unicode. */
export interface ListPattern {
  /** The pattern alone was empty: it asks for the separator. */
  readonly empty: boolean;
  /** No two wildcards stand side by side. */
  readonly text: string;
  /** Characters that are no wildcards: a name has as many at least. */
  readonly literals: number;
  /** It ends in `%`: levels of hierarchy that match are shown though they are nothing in themselves. */
  readonly showsLevels: boolean;
}

/** list-mailbox, to be read from `reference` on. */
export function listPattern(args: Scanner, reference: string | undefined): ListPattern | undefined {
  const pattern = decodedMailboxName(args, args.listMailbox());
  return pattern === undefined || reference === undefined ? undefined : joinPattern(reference, pattern);
}

/**
 * The reference and the pattern are one text, whether the reference ends in a separator or not. A pattern that begins
 * with the separator counts from the root instead (RFC 3501 section 6.3.8); as no name here begins with one it matches
 * nothing, as with Dovecot: what is returned must match what was asked.
 */
export function joinPattern(reference: string, pattern: string): ListPattern {
  const joined = (pattern.startsWith(separator) ? pattern : reference + pattern).normalize('NFC');
  // So that a row of wildcards costs no more than one.
  const text = joined.replace(/[*%]+/g, (wildcards) => (wildcards.includes('*') ? '*' : '%'));
  return {
    empty: pattern === '',
    text,
    literals: text.replace(/[*%]/g, '').length,
    showsLevels: text.endsWith('%'),
  };
}

/**
 * Whether a full name matches. The pattern is followed character by character, and with it all places in the name that
 * it can have reached: so no pattern costs more than its length times that of the name.
 */
export function matchesPattern({ text, literals }: ListPattern, name: string): boolean {
  if (literals > name.length) return false;
  const [top = ''] = name.split(separator, 1);
  // Upper case stands for both there.
  const anyCaseUpTo = isInbox(top) ? top.length : 0;
  const reached = new Uint8Array(name.length + 1);
  reached[0] = 1;
  for (let at = 0; at < text.length && reached.includes(1); at++) {
    const character = text.charAt(at);
    if (character === '*') reached.fill(1, reached.indexOf(1));
    else if (character === '%') stayInLevel(reached, name);
    else {
      const upper = /[a-z]/.test(character) ? character.toUpperCase() : character;
      for (let place = name.length; place > 0; place--) {
        const is = name[place - 1] === (place <= anyCaseUpTo ? upper : character);
        reached[place] = is ? (reached[place - 1] ?? 0) : 0;
      }
      reached[0] = 0;
    }
  }
  return reached[name.length] === 1;
}

function stayInLevel(reached: Uint8Array, name: string): void {
  for (let place = 1; place <= name.length; place++)
    if (reached[place - 1] === 1 && name[place - 1] !== separator) reached[place] = 1;
}
