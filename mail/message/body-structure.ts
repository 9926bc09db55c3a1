/**
 * IMAP's BODYSTRUCTURE (RFC 9051 section 7.5.2) and its BODY form. Each entity is described when its header is seen,
 * and all is joined when the sizes are known. Octets stand as Latin-1 characters.
 */
import { opaque, plainText, contentFields, type ContentFields, type Parameter } from './content-type.ts';
import { emptyEnvelope, formatEnvelope } from './envelope.ts';
import { flatCopy, formatNstring, formatString } from './imap-string.ts';
import { messageLimits } from './limits.ts';
import type { Entity } from './mime-scan.ts';
import { childrenOf, partAt, type Part } from './part-table.ts';

/** What BODYSTRUCTURE says of an entity, but for its size, its lines and its parts. */
export type Description =
  | {
      readonly kind: 'leaf';
      /** `"TEXT" "PLAIN" (…) id description encoding` */
      readonly basic: string;
      /** Whether a line count follows the size. */
      readonly text: boolean;
      /** ` md5 disposition language location` */
      readonly extension: string;
    }
  | {
      readonly kind: 'message';
      readonly basic: string;
      readonly envelope: string;
      readonly extension: string;
    }
  | {
      readonly kind: 'multipart';
      /** ` "MIXED" (…) disposition language location` */
      readonly end: string;
    };

const noExtension = ' NIL NIL NIL NIL';
const nothing: ContentFields = { encoding: '7BIT' };
const emptyLeaf = describeLeaf(plainText, nothing);

/** Describes an entity; `brief` leaves out all but its type and encoding. */
export function describe(entity: Entity, brief: boolean): Description {
  const { kind, contentType, notTakenApart } = entity;
  const all = contentFields(entity.header.fields);
  const content = brief ? { encoding: all.encoding } : all;
  const type = brief ? { ...contentType, parameters: [] } : contentType;
  if (kind === 'multipart')
    return {
      kind,
      end: flatCopy(` ${formatString(type.subtype)} ${formatParameters(type.parameters)}${common(content)}`),
    };
  if (kind === 'message')
    return {
      kind,
      basic: flatCopy(basic(type, content)),
      envelope: emptyEnvelope,
      extension: extension(content),
    };
  if (!notTakenApart) return describeLeaf(type, content);
  // A multipart or message structure is not what can be shown of it, and another form of those types is none.
  return describeLeaf(type.type === 'MULTIPART' ? plainText : opaque, content);
}

/** The description of a message/rfc822, with the ENVELOPE of the message in it. */
export function withEnvelope(outer: Description, inner: Entity): Description {
  return outer.kind === 'message'
    ? { ...outer, envelope: flatCopy(formatEnvelope(inner.header.fields)) }
    : outer;
}

/** Octets of a description, for the limit on all of them. */
export function descriptionBytes(description: Description): number {
  if (description.kind === 'multipart') return description.end.length;
  const envelope = description.kind === 'message' ? description.envelope.length : 0;
  return description.basic.length + description.extension.length + envelope;
}

type Type = Pick<Entity['contentType'], 'type' | 'subtype' | 'parameters'>;

function describeLeaf(type: Type, content: ContentFields): Description {
  return {
    kind: 'leaf',
    basic: flatCopy(basic(type, content)),
    text: type.type === 'TEXT',
    extension: extension(content),
  };
}

/** What stands behind a leaf's or a message's other fields; most have none of it, and share one string. */
function extension(content: ContentFields): string {
  const written = ` ${formatNstring(content.md5)}${common(content)}`;
  return written === noExtension ? noExtension : flatCopy(written);
}

/** media-type SP body-fields, without the size. */
function basic({ type, subtype, parameters }: Type, { id, description, encoding }: ContentFields): string {
  return [
    formatString(type),
    formatString(subtype),
    formatParameters(parameters),
    formatNstring(id),
    formatNstring(description),
    formatString(encoding),
  ].join(' ');
}

/** Disposition, language and location, which every entity's extension data ends with. */
function common({ disposition, languages, location }: ContentFields): string {
  const dsp =
    disposition === undefined
      ? 'NIL'
      : `(${formatString(disposition.type)} ${formatParameters(disposition.parameters)})`;
  const language = languages === undefined ? 'NIL' : `(${languages.map(formatString).join(' ')})`;
  return ` ${dsp} ${language} ${formatNstring(location)}`;
}

function formatParameters(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return 'NIL';
  return `(${parameters.map(({ name, value }) => `${formatString(name)} ${formatString(value)}`).join(' ')})`;
}

/** The whole structure, from the table of parts and a description for each of them. */
export function formatBodyStructure(table: readonly number[], descriptions: readonly Description[]): string {
  return formatPart(table, descriptions, 0);
}

/** Recursion is bounded by `maxDepth`. */
function formatPart(table: readonly number[], descriptions: readonly Description[], index: number): string {
  const part = partAt(table, index);
  const description = descriptions[index] ?? emptyLeaf;
  if (part === undefined) return formatLeaf(emptyLeaf, 0, 0);
  const children = part.kind === 'leaf' ? [] : childrenOf(table, index);
  const inner = children.map((child) => formatPart(table, descriptions, child)).join('');
  const size = part.bodyEnd - part.bodyStart;
  if (description.kind === 'message') return formatMessage(description, part, inner);
  // A boundary was announced and never came: then it is plain text (RFC 2045 section 5.2).
  if (description.kind === 'leaf' || part.kind === 'leaf') return formatLeaf(description, size, part.lines);
  return `(${inner}${description.end})`;
}

function formatMessage(
  description: Extract<Description, { kind: 'message' }>,
  part: Part,
  inner: string,
): string {
  const { basic: start, envelope, extension: end } = description;
  return `(${start} ${part.bodyEnd - part.bodyStart} ${envelope} ${inner} ${part.lines}${end})`;
}

function formatLeaf(description: Description, size: number, lines: number): string {
  if (description.kind !== 'leaf') return formatLeaf(emptyLeaf, size, lines);
  return `(${description.basic} ${size}${description.text ? ` ${lines}` : ''}${description.extension})`;
}

/** What all descriptions together may take (`maxStructureBytes`): past it they are brief. */
export class StructureBudget {
  #left: number = messageLimits.maxStructureBytes;

  /** Whether the budget is spent. */
  get spent(): boolean {
    return this.#left <= 0;
  }

  /** `description` if there is room for it, else what `brief` gives. */
  take(description: Description, brief: () => Description): Description {
    const bytes = descriptionBytes(description);
    if (bytes > this.#left) {
      this.#left = 0;
      return brief();
    }
    this.#left -= bytes;
    return description;
  }
}
