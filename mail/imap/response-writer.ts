/** Where commands write untagged responses: joined to few pieces, and waiting when the client is slow. */
import { ConnectionEnded, type Output } from '../wire/engine.ts';

/** Text is handed on when it is as long as this, and the client waited for after as much again. */
const pieceOctets = 16_384;
const patienceOctets = 32_768;

export class ResponseWriter {
  readonly #output: Output;
  #text = '';
  /** Octets handed on since the client was last waited for. */
  #written = 0;
  #stopped = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Text whose octets stand as Latin-1 characters. */
  text(latin1: string): void {
    this.#text += latin1;
    if (this.#text.length >= pieceOctets) this.flush();
  }

  /** `* ` text CRLF. */
  untagged(latin1: string): void {
    this.text(`* ${latin1}\r\n`);
  }

  /** The array is the output's to keep. */
  octets(bytes: Uint8Array): void {
    this.flush();
    this.#written += bytes.length;
    this.#output.write(bytes);
  }

  /** Whether `ready` would do more than answer: to ask costs less than to wait. */
  get isAhead(): boolean {
    return this.#stopped || this.#written + this.#text.length >= patienceOctets;
  }

  /**
   * To be awaited whenever some kilobytes may have been written: waits for the client to take what it was sent, where
   * that is much. Rejects with `ConnectionEnded`.
   */
  async ready(): Promise<void> {
    if (!this.isAhead) return;
    if (this.#stopped) throw new ConnectionEnded('the session must end');
    this.flush();
    this.#written = 0;
    await this.#output.ready();
  }

  /** The command under way goes no further than its next `ready`. */
  stop(): void {
    this.#stopped = true;
  }

  /** Hands on what was gathered. */
  flush(): void {
    if (this.#text === '') return;
    const bytes = Buffer.from(this.#text, 'latin1');
    this.#text = '';
    this.#written += bytes.length;
    this.#output.write(bytes);
  }
}
