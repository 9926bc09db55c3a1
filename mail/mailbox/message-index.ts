/** What never changes of a message, as the MIME scan found it: all that a message list shows without reading the blob. */
import type { MessageId } from './types.ts';

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
  /** ENVELOPE, as it is sent; octets as Latin-1 characters. */
  readonly envelope: string;
  /** BODYSTRUCTURE, as it is sent; octets as Latin-1 characters. */
  readonly bodyStructure: string;
  /** PREVIEW (RFC 8970), text. */
  readonly preview: string;
  /** Offsets of the MIME parts, as the scan flattens them; whole numbers from -1 to 2^31 - 1. */
  readonly parts: readonly number[];
  /** Header fields without signatures and trace, compressed by the scan; not there where they are too large. */
  readonly headers?: Uint8Array;
}
