/**
 * Fields of envelopes as searches have folded them, kept for the next one: people search on and on, and to read and fold
 * 10,000 envelopes takes 30 ms. What is kept stays true: the message of a uid never changes.
 */
import type { MailboxId } from '../../mailbox/types.ts';
import type { EnvelopeField } from '../../message/read-envelope.ts';

/** Of all mailboxes together, about. */
const maxOctetsKept = 16 * 2 ** 20;
/** What a text and its place in a map take besides its characters. */
const octetsBeside = 80;

/** Those of a process. */
export class EnvelopeTexts {
  readonly #maxOctets: number;
  /** By mailbox and field, what was not searched for longest first. */
  readonly #fields = new Map<string, FieldTexts>();
  #octets = 0;

  constructor(maxOctets = maxOctetsKept) {
    this.#maxOctets = maxOctets;
  }

  /** For one search. */
  of(mailbox: MailboxId): MailboxTexts {
    return new MailboxTexts((field) => this.#use(`${mailbox}/${field}`));
  }

  #use(name: string): FieldTexts {
    const known = this.#fields.get(name);
    const field = known ?? new FieldTexts((octets) => this.#makeRoom(name, octets));
    this.#fields.delete(name);
    this.#fields.set(name, field);
    return field;
  }

  /** For a text of that field: false where there is none, though all other fields were let go. */
  #makeRoom(name: string, octets: number): boolean {
    if (!this.#fields.has(name)) return false;
    for (const [other, { octets: freed }] of this.#fields) {
      if (this.#octets + octets <= this.#maxOctets) break;
      if (other === name) return false;
      this.#fields.delete(other);
      this.#octets -= freed;
    }
    this.#octets += octets;
    return true;
  }
}

/** One field in one mailbox. */
class FieldTexts {
  /** What it has taken of the room. */
  octets = 0;
  readonly #makeRoom: (octets: number) => boolean;
  /** By uid. */
  readonly #texts = new Map<number, string | null>();

  constructor(makeRoom: (octets: number) => boolean) {
    this.#makeRoom = makeRoom;
  }

  find(uid: number): string | null | undefined {
    return this.#texts.get(uid);
  }

  keep(uid: number, text: string | null): void {
    const octets = octetsBeside + (text?.length ?? 0);
    if (this.#texts.has(uid) || !this.#makeRoom(octets)) return;
    this.octets += octets;
    // A copy: it may be cut from the whole envelope, which it would keep.
    this.#texts.set(uid, text === null ? null : Buffer.from(text).toString());
  }
}

/** Those of one mailbox, as a search asks for them. */
export class MailboxTexts {
  readonly #use: (field: EnvelopeField) => FieldTexts;
  readonly #fields = new Map<EnvelopeField, FieldTexts>();

  constructor(use: (field: EnvelopeField) => FieldTexts) {
    this.#use = use;
  }

  /** Folded; null where the envelope has no such field; undefined: not known. */
  find(field: EnvelopeField, uid: number): string | null | undefined {
    return this.#field(field).find(uid);
  }

  keep(field: EnvelopeField, uid: number, text: string | null): void {
    this.#field(field).keep(uid, text);
  }

  #field(name: EnvelopeField): FieldTexts {
    const known = this.#fields.get(name);
    if (known !== undefined) return known;
    const field = this.#use(name);
    this.#fields.set(name, field);
    return field;
  }
}
