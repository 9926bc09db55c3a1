/** Things that come in pieces, for tests of what reads them as they come. */

/** `whole` cut at random places; some pieces may be empty. */
export function inPieces<Whole extends { readonly length: number; slice(start: number, end: number): Whole }>(
  random: () => number,
  whole: Whole,
): Whole[] {
  const most = [1, 2, 5, 30, 300][Math.floor(random() * 5)] ?? 1;
  const pieces: Whole[] = [];
  for (let at = 0; at < whole.length;) {
    const end = Math.min(whole.length, at + Math.floor(random() * (most + 1)));
    pieces.push(whole.slice(at, end));
    at = end;
  }
  return pieces;
}
