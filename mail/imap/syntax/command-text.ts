/** A command as it came in: text and literals in turn. Octets stand as Latin-1 characters. */
export interface CommandText {
  /** The text before, between and behind the literals, without their announcements: one more than there are literals. */
  readonly texts: readonly string[];
  /** The literals' octets; undefined where the command took them as they came (APPEND's message). */
  readonly literals: readonly (Uint8Array | undefined)[];
}
