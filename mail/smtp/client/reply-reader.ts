/** Octets in, replies out. */
import type { SmtpClientLimits } from './limits.ts';
import { printable } from './printable.ts';
import { makeReply, parseReplyLine, type ServerReply } from './reply.ts';

/** `unreadable`: what came is no reply, or longer than one may be; nothing after it can be trusted. */
export type ReplyRead =
  | { readonly kind: 'reply'; readonly reply: ServerReply }
  | { readonly kind: 'unreadable'; readonly why: string };

const CR = 0x0d;
const LF = 0x0a;

/**
 * Never throws, whatever comes; any split of the same bytes gives the same replies. It puts up with what real servers
 * do: lines that end with LF alone, lines too long (cut), empty lines between replies, lines without a code or with
 * another one within a reply of several lines. A reply that begins without a code is `unreadable`: read as nothing, it
 * would give each pipelined command the reply of its neighbour.
 */
export class ReplyReader {
  readonly #limits: SmtpClientLimits;
  readonly #replies: ServerReply[] = [];
  #unreadable: string | undefined;
  /** The line that is coming in, as much of it as is kept. */
  #line: Uint8Array[] = [];
  #lineOctets = 0;
  /** The reply that is coming in: texts so far, and all of its octets. */
  #texts: string[] = [];
  #octets = 0;

  constructor(limits: SmtpClientLimits) {
    this.#limits = limits;
  }

  /** Whether octets came that no `read` has given back. */
  get holdsMore(): boolean {
    return this.#replies.length > 0 || this.#octets > 0 || this.#unreadable !== undefined;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && this.#unreadable === undefined;) {
      const lf = bytes.indexOf(LF, at);
      const end = lf === -1 ? bytes.length : lf;
      this.#keep(bytes.subarray(at, end));
      if (lf !== -1 && this.#unreadable === undefined) this.#endLine();
      at = end + 1;
    }
  }

  /** The next reply, or undefined when more octets are needed. */
  read(): ReplyRead | undefined {
    const reply = this.#replies.shift();
    if (reply !== undefined) return { kind: 'reply', reply };
    return this.#unreadable === undefined ? undefined : { kind: 'unreadable', why: this.#unreadable };
  }

  /** Forgets what came: before a TLS handshake (RFC 3207 section 4.2). */
  clear(): void {
    this.#replies.length = 0;
    this.#line = [];
    this.#texts = [];
    this.#lineOctets = this.#octets = 0;
    this.#unreadable = undefined;
  }

  #keep(bytes: Uint8Array): void {
    this.#octets += bytes.length;
    if (this.#octets > this.#limits.replyOctets) this.#unreadable = 'it is too long';
    // One octet more than a line may have: a CR at the end.
    const room = this.#limits.replyLineOctets + 1 - this.#lineOctets;
    this.#lineOctets += bytes.length;
    // A copy: the array is the connection's, and a drip of single octets must not keep a page for each.
    if (room > 0 && bytes.length > 0) this.#line.push(bytes.slice(0, room));
  }

  #endLine(): void {
    const whole = Buffer.concat(this.#line);
    const { replyLineOctets, replyLines } = this.#limits;
    const line = whole.subarray(
      0,
      Math.min(whole.at(-1) === CR ? whole.length - 1 : whole.length, replyLineOctets),
    );
    this.#line = [];
    this.#lineOctets = 0;
    this.#octets += 1;
    if (line.length === 0 && this.#texts.length === 0) {
      this.#octets = 0;
      return;
    }
    const parsed = parseReplyLine(line);
    if (parsed === undefined && this.#texts.length === 0) {
      this.#unreadable = 'it does not begin with a code';
      return;
    }
    this.#texts.push(parsed?.text ?? printable(line));
    if (parsed?.last === true) this.#endReply(parsed.code);
    else if (this.#texts.length > replyLines) this.#unreadable = 'it has too many lines';
  }

  #endReply(code: number): void {
    this.#replies.push(makeReply(code, this.#texts));
    this.#texts = [];
    this.#octets = 0;
  }
}
