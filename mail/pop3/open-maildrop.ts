/** The maildrop of a session in the TRANSACTION state: its messages by number, and which are marked as deleted. */
import type { Maildrop, MaildropMessage } from './maildrop.ts';
import { replies, type Reply } from './reply.ts';

/** A message with its number, which counts from 1. */
export interface NumberedMessage extends MaildropMessage {
  readonly number: number;
}

export class OpenMaildrop {
  readonly #maildrop: Maildrop;
  /** Numbers. */
  readonly #deleted = new Set<number>();
  readonly #allBytes: number;
  #deletedBytes = 0;

  constructor(maildrop: Maildrop) {
    this.#maildrop = maildrop;
    this.#allBytes = maildrop.messages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** Messages that are not marked. */
  get count(): number {
    return this.#maildrop.messages.length - this.#deleted.size;
  }

  /** Octets of the messages that are not marked. */
  get bytes(): number {
    return this.#allBytes - this.#deletedBytes;
  }

  /** The message of that number, or why there is none. */
  find(number: number): { readonly kind: 'found'; readonly message: NumberedMessage } | RefusedNumber {
    const message = this.#maildrop.messages[number - 1];
    if (message === undefined)
      return { kind: 'refused', reply: replies.noSuchMessage(this.#maildrop.messages.length) };
    if (this.#deleted.has(number)) return { kind: 'refused', reply: replies.messageDeleted(number) };
    return { kind: 'found', message: { ...message, number } };
  }

  /** Those that are not marked, in order. */
  *present(): Generator<NumberedMessage> {
    for (const [index, message] of this.#maildrop.messages.entries())
      if (!this.#deleted.has(index + 1)) yield { ...message, number: index + 1 };
  }

  /** DELE: marks it, until QUIT deletes it or RSET takes the mark away. */
  mark({ number, sizeBytes }: NumberedMessage): void {
    this.#deleted.add(number);
    this.#deletedBytes += sizeBytes;
  }

  /** RSET. */
  unmarkAll(): void {
    this.#deleted.clear();
    this.#deletedBytes = 0;
  }

  read({ number }: NumberedMessage): AsyncIterable<Uint8Array> {
    return this.#maildrop.read(number - 1);
  }

  /** The UPDATE state: how many were marked, and whether they are deleted. */
  async update(): Promise<{ readonly marked: number; readonly end: 'done' | 'some' }> {
    const marked = [...this.#deleted].map((number) => number - 1).toSorted((one, other) => one - other);
    return { marked: marked.length, end: marked.length === 0 ? 'done' : await this.#maildrop.commit(marked) };
  }

  release(): Promise<void> {
    return this.#maildrop.release();
  }
}

interface RefusedNumber {
  readonly kind: 'refused';
  readonly reply: Reply;
}
