/**
 * A message as far as it is known while it is searched: its record at first; then its index; then what was read of its
 * text. What is folded for one key is kept for the next.
 */
import type { MessageIndex } from '../../mailbox/message-index.ts';
import type { MessageRecord } from '../../mailbox/message-record.ts';
import { Charsets } from '../../message/charset.ts';
import { parseDate, writtenDay } from '../../message/date.ts';
import { fold } from '../../message/fold.ts';
import { decodeHeaderCache, isCachedField, type CachedHeader } from '../../message/header-cache.ts';
import { headerText } from '../../message/header-text.ts';
import type { HeaderField } from '../../message/header.ts';
import { envelopeText, type EnvelopeField } from '../../message/read-envelope.ts';
import type { MailboxTexts } from './envelope-texts.ts';
import type { Needle } from './needle.ts';
import type { Wanted } from './search-key.ts';

export class SearchedMessage {
  /** Its index in what the client was told: one less than its sequence number. */
  readonly place: number;
  readonly record: MessageRecord;
  /** `\Recent` in this session. */
  readonly recent: boolean;
  readonly #texts: MailboxTexts | undefined;
  #index: MessageIndex | undefined;
  /** ENVELOPE as it is sent. */
  #sentEnvelope: string | undefined;
  #learned = 0;
  /** Folded; null where the envelope has no such field. */
  #envelope: Map<EnvelopeField, string | null> | undefined;
  /** null where there is none that can be read. */
  #sentDay: number | null | undefined;
  /** undefined: not looked at yet; null: there is none, or none that can be read. */
  #cache: CachedHeader | null | undefined;
  #header: readonly HeaderField[] | undefined;
  /** By key, decoded and folded. */
  #values: Map<string, readonly string[]> | undefined;
  #found: Set<Needle> | undefined;
  #lookedFor: ReadonlySet<Needle> | undefined;

  constructor(parts: {
    readonly place: number;
    readonly record: MessageRecord;
    readonly recent: boolean;
    /** What earlier searches of its mailbox have learned. */
    readonly texts?: MailboxTexts;
  }) {
    this.place = parts.place;
    this.record = parts.record;
    this.recent = parts.recent;
    this.#texts = parts.texts;
  }

  get sequenceNumber(): number {
    return this.place + 1;
  }

  /** undefined: not read yet. */
  get index(): MessageIndex | undefined {
    return this.#index;
  }

  /** Rises with all that becomes known: only then it is worth asking again. */
  get learned(): number {
    return this.#learned;
  }

  /** The field as the envelope has it, decoded and folded; null where there is none; undefined: not known yet. */
  envelope(field: EnvelopeField): string | null | undefined {
    const before = this.#envelope?.get(field);
    if (before !== undefined) return before;
    const known = this.#texts?.find(field, this.record.uid);
    if (known !== undefined || this.#sentEnvelope === undefined) return known;
    const raw = envelopeText(this.#sentEnvelope, field);
    const folded = raw === undefined ? null : fold(headerText(raw));
    (this.#envelope ??= new Map()).set(field, folded);
    this.#texts?.keep(field, this.record.uid, folded);
    return folded;
  }

  /** The day of its Date field as written, since 1970-01-01; null where there is none that can be read. */
  sentDay(): number | null | undefined {
    if (this.#sentEnvelope === undefined) return undefined;
    if (this.#sentDay === undefined) {
      const date = parseDate(envelopeText(this.#sentEnvelope, 'date') ?? '');
      this.#sentDay = date === undefined ? null : writtenDay(date);
    }
    return this.#sentDay;
  }

  /** The values of all fields of that name (in lower case), decoded and folded; undefined: not known yet. */
  headerValues(key: string): readonly string[] | undefined {
    const known = this.#values?.get(key);
    if (known !== undefined) return known;
    const fields = this.#header ?? this.#cachedFields(key);
    if (fields === undefined) return undefined;
    const charsets = new Charsets();
    const values = fields
      .filter((field) => field.key === key)
      .map(({ value }) => fold(headerText(value, charsets)));
    (this.#values ??= new Map()).set(key, values);
    return values;
  }

  /** Whether its text holds the needle; undefined: not known yet. */
  holds(needle: Needle): boolean | undefined {
    if (this.#found?.has(needle) === true) return true;
    return this.#lookedFor?.has(needle) === true ? false : undefined;
  }

  /** What the keys of the envelope need, before the index or in its place. */
  learnEnvelope(envelope: string): void {
    this.#sentEnvelope = envelope;
    this.#learned += 1;
  }

  learnIndex(index: MessageIndex): void {
    this.#index = index;
    this.#sentEnvelope = index.envelope;
    this.#learned += 1;
  }

  /** The fields of its own header. */
  learnHeader(fields: readonly HeaderField[]): void {
    this.#header = fields;
    this.#learned += 1;
  }

  learnFound(needle: Needle): void {
    (this.#found ??= new Set()).add(needle);
    this.#learned += 1;
  }

  /** All that was wanted has been read: what was not found is not there. */
  learnRest({ header, needles }: Wanted): void {
    if (header) this.#header ??= [];
    this.#lookedFor = needles;
    this.#learned += 1;
  }

  /** It is decided: what was read of it is let go. */
  forget(): void {
    this.#index = this.#sentEnvelope = this.#envelope = this.#sentDay = undefined;
    this.#cache = this.#header = this.#values = undefined;
    this.#found = this.#lookedFor = undefined;
  }

  #cachedFields(key: string): readonly HeaderField[] | undefined {
    if (this.#cache === undefined && this.#index !== undefined) {
      const { headers, envelope } = this.#index;
      this.#cache = (headers && decodeHeaderCache(headers, envelope)) ?? null;
    }
    const tells = this.#cache != null && (this.#cache.complete || isCachedField(key));
    return tells ? this.#cache?.fields : undefined;
  }
}
