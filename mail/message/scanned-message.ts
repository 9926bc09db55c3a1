/** What is known of a message once its bytes have gone through `MessageScanner`: all that the mailbox index keeps. */

/** Plain data: bytes, strings and numbers, to be stored as they are. */
export interface ScannedMessage {
  readonly sizeBytes: number;
  /** Octets of the header, its empty line included: where BODY[TEXT] begins. */
  readonly headerBytes: number;
  /** IMAP's ENVELOPE as it goes over the wire, parentheses included (RFC 9051 section 7.5.2). */
  readonly envelope: Uint8Array;
  /**
   * IMAP's BODYSTRUCTURE as it goes over the wire, parentheses included; `bodyOf` (body-structure.ts) gives the BODY
   * form of it.
   */
  readonly bodyStructure: Uint8Array;
  /** Offsets of the MIME parts: read it with `sectionRange` (part-table.ts). */
  readonly parts: readonly number[];
  /** RFC 8970: at most 200 characters of the text, empty where there is none. */
  readonly preview: string;
  /** The header's fields but signatures and trace, compressed (header-cache.ts); undefined when they are too large. */
  readonly headerCache?: Uint8Array;
  /** The message's own msg-id without its angle brackets; octets as Latin-1 characters. */
  readonly messageId?: string;
  /** The id of the thread (a valid objectid, RFC 8474); undefined where no field names one. */
  readonly threadId?: string;
  /** `Date` in milliseconds since 1970; undefined where it is missing or cannot be read. */
  readonly dateMs?: number;
  /** How many `Received` fields there are: the hops so far. */
  readonly receivedCount: number;
  /** The values of the `Delivered-To` fields, at most 100; octets as Latin-1 characters. */
  readonly deliveredTo: readonly string[];
}
