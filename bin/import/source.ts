/** What can be imported: messages with their flags, dates and folders, from files that other programs left. */
import type { Flags } from '../../mail/mailbox/flags.ts';

/** One message to be imported. */
export interface SourceMessage {
  /** Where it stands, for people: a path, with a number in an mbox. */
  readonly name: string;
  /** The mailbox it goes to, levels separated by `/`. */
  readonly folder: string;
  readonly flags: Flags;
  /** When it came, where the source says so. */
  readonly receivedAt?: Date;
  /** For the progress bar: octets in the source. */
  readonly sourceBytes: number;
  /** The message as the source holds it; line ends are made CRLF afterwards. */
  open(): AsyncIterable<Uint8Array>;
}

export interface Source {
  /** What it was taken for: `a Maildir`, `an mbox` … */
  readonly kind: string;
  /** For the progress bar; roughly what the messages' `sourceBytes` add up to. */
  readonly totalBytes: number;
  messages(): AsyncIterable<SourceMessage>;
  /** After the last message was read, where the source holds something open. */
  close?(): Promise<void>;
}

/** The path holds nothing that can be imported; the message says what was looked for. */
export class NothingToImport extends Error {
  constructor(path: string, why: string) {
    super(`nothing can be imported from ${path}: ${why}`);
    this.name = 'NothingToImport';
  }
}
