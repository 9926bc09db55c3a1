/** What never changes of a message, as the MIME scan found it: all that a message list shows without reading the blob. */
import type { MessageId } from './types.ts';

/** Where one MIME part (RFC 9051 section 6.4.5.1) lies in the message's bytes; offsets from its first byte. */
export interface PartOffsets {
  /** The section's numbers: '' for the message itself, `1`, `2.1` …; as in FETCH BODY[2.1]. */
  readonly section: string;
  /** Where its header begins. */
  readonly start: number;
  /** Where its body begins: after the empty line. */
  readonly bodyStart: number;
  /** One past its last byte. */
  readonly end: number;
}

/** A message as IMAP, POP3 and search need it at hand. */
export interface MessageIndex {
  readonly messageId: MessageId;
  readonly threadId: string;
  /** Where its bytes are. */
  readonly blobKey: string;
  /** RFC822.SIZE, in octets. */
  readonly size: number;
  /** INTERNALDATE, in seconds since 1970 (UTC). */
  readonly internalDateSeconds: number;
  /** ENVELOPE, as it is sent. */
  readonly envelope: string;
  /** BODYSTRUCTURE, as it is sent. */
  readonly bodyStructure: string;
  /** PREVIEW (RFC 8970), text. */
  readonly preview: string;
  /** The message itself first, then its parts in their order. */
  readonly parts: readonly PartOffsets[];
  /** Header fields without signatures and trace, compressed by the scan. */
  readonly headers: Uint8Array;
}
