/** Scanners over arguments as a test writes them. */
import { Scanner } from '../../../../mail/imap/syntax/scanner.ts';

/** The place of a literal that the command has taken as it came. */
export const streamed = Symbol('streamed');

/** Reads text, with literals (octets) between. */
export function scannerOf(...pieces: readonly (string | Uint8Array | typeof streamed)[]): Scanner {
  const texts = [''];
  const literals: (Uint8Array | undefined)[] = [];
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      texts.push((texts.pop() ?? '') + piece);
      continue;
    }
    literals.push(piece === streamed ? undefined : piece);
    texts.push('');
  }
  return new Scanner({ texts, literals });
}
