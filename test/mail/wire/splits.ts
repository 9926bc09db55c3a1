/** Cuts bytes at random places: what came in one piece must mean the same in many. */
export function randomSplits(bytes: Uint8Array, random: () => number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const longest = 1 + Math.floor(random() ** 3 * 40);
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + Math.floor(random() * longest));
    // A copy, so that a reader that writes into its neighbour's bytes is found out.
    pieces.push(Uint8Array.from(bytes.subarray(at, end)));
    at = end;
  }
  return pieces;
}

/** Octets drawn from an alphabet that makes what matters frequent. */
export function randomText(alphabet: readonly string[], length: number, random: () => number): Buffer {
  const words = Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)] ?? '');
  return Buffer.from(words.join(''), 'latin1');
}

/** Rounds of a fuzz test: `POSTA_FUZZ_ROUNDS` for a long run by hand. */
export const fuzzRounds = Number(process.env['POSTA_FUZZ_ROUNDS'] ?? 3000);
