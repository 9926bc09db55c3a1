/** Looks for a CR or LF that is not part of CRLF (RFC 5321 section 2.3.8) in octets that come in any pieces. */
const CR = 0x0d;
const LF = 0x0a;

export class LineEndCheck {
  #afterCr = false;

  /** The next octets; false from the first bare CR or LF on. Do not call again after false. */
  clean(bytes: Uint8Array): boolean {
    let at = 0;
    if (this.#afterCr && bytes.length > 0) {
      if (bytes[0] !== LF) return false;
      this.#afterCr = false;
      at = 1;
    }
    for (;;) {
      const lf = bytes.indexOf(LF, at);
      const line = lf < 0 ? bytes.subarray(at) : bytes.subarray(at, lf);
      const cr = line.indexOf(CR);
      if (lf < 0) {
        this.#afterCr = cr >= 0;
        return cr < 0 || cr === line.length - 1;
      }
      if (cr < 0 || cr !== line.length - 1) return false;
      at = lf + 1;
    }
  }

  /** Whether the octets may end here: not between CR and LF. */
  get whole(): boolean {
    return !this.#afterCr;
  }
}
