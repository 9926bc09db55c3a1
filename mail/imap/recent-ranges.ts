/** Which messages are `\Recent` to a session (RFC 3501 section 2.3.2): ranges of uids that no other session was given. */

export class RecentRanges {
  readonly #ranges: { readonly from: number; to: number }[] = [];

  /** Uids `from` (inclusive) to `to` (exclusive), above all that were given before. */
  add(from: number, to: number): void {
    const last = this.#ranges.at(-1);
    if (from >= to) return;
    if (last?.to === from) last.to = to;
    else this.#ranges.push({ from, to });
  }

  /** Below it nothing more is to be given: one more than the last uid that was. */
  get end(): number {
    return this.#ranges.at(-1)?.to ?? 0;
  }

  /** There may be thousands: two sessions that share a mailbox for weeks take turns. */
  has(uid: number): boolean {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle]?.to ?? 0) <= uid) low = middle + 1;
      else high = middle;
    }
    return (this.#ranges[low]?.from ?? Infinity) <= uid;
  }

  /** How many of a mailbox's messages are: `lowerBound` counts those with a lower uid. */
  count(lowerBound: (uid: number) => number): number {
    return this.#ranges.reduce((sum, { from, to }) => sum + lowerBound(to) - lowerBound(from), 0);
  }
}
