/** Where in a message its text is, and how it is written: told by its BODYSTRUCTURE, without reading it. */
import type { OctetRange } from './part-table.ts';
import { partAt } from './part-table.ts';
import { ValueReader } from './value-reader.ts';

/**
 * - `text`: the body of a text part, or of a report (message/delivery-status …), which is text as well.
 * - `header`: the header of a message within the message.
 */
export type TextPart =
  ({ readonly kind: 'text' } & TextForm & OctetRange) | ({ readonly kind: 'header' } & OctetRange);

/** How the octets of a text part are to be read. */
export interface TextForm {
  /** Content-Transfer-Encoding, in upper case. */
  readonly encoding: string;
  /** As the part names it. */
  readonly charset?: string;
  readonly html: boolean;
}

/**
 * In the order of the message; text parts of attached messages are among them, attachments of other types are not.
 * `table` and `bodyStructure` are of the same message, as `MessageScanner` gave them.
 */
export function textParts(table: readonly number[], bodyStructure: string): readonly TextPart[] {
  const walk = new StructureWalk(table, bodyStructure);
  walk.body();
  return walk.parts;
}

/** Walks the structure in the order of the table: each entity before what is in it. */
class StructureWalk {
  readonly parts: TextPart[] = [];
  readonly #table: readonly number[];
  readonly #reader: ValueReader;
  /** Entities so far. */
  #entities = 0;

  constructor(table: readonly number[], bodyStructure: string) {
    this.#table = table;
    this.#reader = new ValueReader(bodyStructure);
  }

  /** Its depth is bounded as the structure's is (`maxDepth`). */
  body(): void {
    if (!this.#reader.enter()) return;
    const index = this.#entities++;
    if (this.#reader.atList) while (this.#reader.atList) this.body();
    else this.#onePart(index);
    this.#reader.leave();
  }

  #onePart(index: number): void {
    const type = this.#reader.nstring();
    const subtype = this.#reader.nstring();
    const charset = this.#parameter('CHARSET');
    // Id and description.
    this.#reader.skip(2);
    const encoding = (this.#reader.nstring() ?? '').toUpperCase();
    if (type === 'MESSAGE' && (subtype === 'RFC822' || subtype === 'GLOBAL')) this.#message();
    else if (type === 'TEXT' || type === 'MESSAGE') {
      const form = { encoding, html: subtype === 'HTML', ...(charset === undefined ? {} : { charset }) };
      this.#text(index, form);
    }
  }

  #message(): void {
    // Size and envelope.
    this.#reader.skip(2);
    const inner = partAt(this.#table, this.#entities);
    if (inner !== undefined && inner.headerStart < inner.bodyStart)
      this.parts.push({ kind: 'header', start: inner.headerStart, end: inner.bodyStart });
    this.body();
  }

  #text(index: number, form: TextForm): void {
    const part = partAt(this.#table, index);
    if (part === undefined || part.bodyStart >= part.bodyEnd) return;
    this.parts.push({ kind: 'text', ...form, start: part.bodyStart, end: part.bodyEnd });
  }

  /** The value of a parameter, of the list that comes next. */
  #parameter(wanted: string): string | undefined {
    if (!this.#reader.enter()) return undefined;
    let found: string | undefined;
    while (this.#reader.more) {
      const name = this.#reader.nstring();
      const value = this.#reader.nstring();
      if (name?.toUpperCase() === wanted) found ??= value;
    }
    this.#reader.leave();
    return found;
  }
}
