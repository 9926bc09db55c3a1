/** Looks for a CR or LF that is not part of CRLF (RFC 5321 section 2.3.8) in octets that come in any pieces. */
const CR = 0x0d;
const LF = 0x0a;

export class LineEndCheck {
  #afterCr = false;

  /** The next octets; false from the first bare CR or LF on. Do not call again after false. */
  clean(bytes: Uint8Array): boolean {
    let afterCr = this.#afterCr;
    for (const octet of bytes) {
      if (afterCr) {
        if (octet !== LF) return false;
        afterCr = false;
      } else if (octet > CR) continue;
      else if (octet === LF) return false;
      else afterCr = octet === CR;
    }
    this.#afterCr = afterCr;
    return true;
  }

  /** Whether the octets may end here: not between CR and LF. */
  get whole(): boolean {
    return !this.#afterCr;
  }
}
