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

/** What was read of a message. */
interface Known {
  index?: MessageIndex;
  /** ENVELOPE as it is sent. */
  sentEnvelope?: string;
  /** Folded; null where the envelope has no such field. */
  envelope?: Map<EnvelopeField, string | null>;
  /** null where there is none that can be read. */
  sentDay?: number | null;
  /** Of the index; null: there is none, or none that can be read. */
  cache?: CachedHeader | null;
  header?: readonly HeaderField[];
  /** By key, decoded and folded. */
  values?: Map<string, readonly string[]>;
  found?: Set<Needle>;
  lookedFor?: ReadonlySet<Needle>;
}

export class SearchedMessage {
  /** Its index in what the client was told: one less than its sequence number. */
  readonly place: number;
  readonly record: MessageRecord;
  /** `\Recent` in this session. */
  readonly recent: boolean;
  readonly #texts: MailboxTexts | undefined;
  #learned = 0;
  /** undefined for most: their record decides. */
  #known: Known | undefined;

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
    return this.#known?.index;
  }

  /** Rises with all that becomes known: only then it is worth asking again. */
  get learned(): number {
    return this.#learned;
  }

  /** The field as the envelope has it, decoded and folded; null where there is none; undefined: not known yet. */
  envelope(field: EnvelopeField): string | null | undefined {
    const known = this.#known;
    const before = known?.envelope?.get(field);
    if (before !== undefined) return before;
    const kept = this.#texts?.find(field, this.record.uid);
    if (kept !== undefined || known?.sentEnvelope === undefined) return kept;
    const raw = envelopeText(known.sentEnvelope, field);
    const folded = raw === undefined ? null : fold(headerText(raw));
    (known.envelope ??= new Map()).set(field, folded);
    this.#texts?.keep(field, this.record.uid, folded);
    return folded;
  }

  /** The day of its Date field as written, since 1970-01-01; null where there is none that can be read. */
  sentDay(): number | null | undefined {
    const known = this.#known;
    if (known?.sentEnvelope === undefined) return undefined;
    if (known.sentDay === undefined) {
      const date = parseDate(envelopeText(known.sentEnvelope, 'date') ?? '');
      known.sentDay = date === undefined ? null : writtenDay(date);
    }
    return known.sentDay;
  }

  /** The values of all fields of that name (in lower case), decoded and folded; undefined: not known yet. */
  headerValues(key: string): readonly string[] | undefined {
    const known = this.#known;
    if (known === undefined) return undefined;
    const before = known.values?.get(key);
    if (before !== undefined) return before;
    const fields = known.header ?? cachedFields(known, key);
    if (fields === undefined) return undefined;
    const charsets = new Charsets();
    const values = fields
      .filter((field) => field.key === key)
      .map(({ value }) => fold(headerText(value, charsets)));
    (known.values ??= new Map()).set(key, values);
    return values;
  }

  /** Whether its text holds the needle; undefined: not known yet. */
  holds(needle: Needle): boolean | undefined {
    if (this.#known?.found?.has(needle) === true) return true;
    return this.#known?.lookedFor?.has(needle) === true ? false : undefined;
  }

  /** What the keys of the envelope need, before the index or in its place. */
  learnEnvelope(envelope: string): void {
    this.#learn().sentEnvelope = envelope;
  }

  learnIndex(index: MessageIndex): void {
    Object.assign(this.#learn(), { index, sentEnvelope: index.envelope });
  }

  /** The fields of its own header. */
  learnHeader(fields: readonly HeaderField[]): void {
    this.#learn().header = fields;
  }

  learnFound(needle: Needle): void {
    (this.#learn().found ??= new Set()).add(needle);
  }

  /** All that was wanted has been read: what was not found is not there. */
  learnRest({ header, needles }: Wanted): void {
    const known = this.#learn();
    if (header) known.header ??= [];
    known.lookedFor = needles;
  }

  /** It is decided: what was read of it is let go. */
  forget(): void {
    this.#known = undefined;
  }

  #learn(): Known {
    this.#learned += 1;
    return (this.#known ??= {});
  }
}

function cachedFields(known: Known, key: string): readonly HeaderField[] | undefined {
  if (known.cache === undefined && known.index !== undefined) {
    const { headers, envelope } = known.index;
    known.cache = (headers && decodeHeaderCache(headers, envelope)) ?? null;
  }
  const { cache } = known;
  return cache != null && (cache.complete || isCachedField(key)) ? cache.fields : undefined;
}
