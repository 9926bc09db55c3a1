/** How the parts of a message are made 7-bit (RFC 6152 section 3): which are encoded, labelled anew, or left alone. */
import { partAt } from './part-table.ts';

/** What becomes of the octets that are an entity's own: a leaf's body, or what stands around a multipart's parts. */
export type BodyChange =
  /** Encoded; of a message/global all that is in it (RFC 6532 section 3.5). */
  | 'quoted-printable'
  | 'base64'
  /** The encoding that it says it has, made true. */
  | 'mend quoted-printable'
  | 'mend base64'
  /** What nobody reads: octets above 127 are replaced. */
  | 'mask';

/** What changes of an entity; neither, and it stays as it is. */
export interface EntityChange {
  /** The new Content-Transfer-Encoding. */
  readonly label?: '7bit' | 'quoted-printable' | 'base64';
  /** Whether the header gets the MIME-Version without which the label means nothing. */
  readonly mimeVersion?: boolean;
  readonly body?: BodyChange;
}

/** Why a message cannot be made 7-bit; whoever sends it bounces it with 5.6.3. */
export type NotConvertible =
  /** A header, its own or of a part or message within, has octets above 127 (or is too large to be looked through). */
  | 'header'
  /** They are in something signed, which no server may change (RFC 1847). */
  | 'signed'
  /** They are in a composite that may not be encoded (RFC 2045 section 6.4) and cannot be taken apart. */
  | 'composite';

/** The same in words, for the sender. */
export const notConvertibleTexts: Readonly<Record<NotConvertible, string>> = {
  header: 'its header, or that of a part, has characters beyond ASCII that cannot be encoded',
  signed: 'it has a signed part with characters beyond ASCII, which no server may change',
  composite: 'it has a part with characters beyond ASCII that may not be encoded',
};

/** What is known of an entity. */
export interface EntityFacts {
  readonly parent: number;
  readonly type: string;
  readonly subtype: string;
  /** Content-Transfer-Encoding, in upper case. */
  readonly encoding: string;
  /** Whether fields may be missing: what is not seen cannot be replaced. */
  readonly cut: boolean;
  readonly mimeVersion: boolean;
  /** Octets above 127. */
  readonly inHeader: number;
  inBody: number;
  longLines: boolean;
}

/** Whether what is in an entity may be changed: not in something signed, nor twice in something encoded whole. */
type Within = 'signed' | 'encoded' | 'free';

/** What changes, by the index of the entity; each is decided after the one that it is in. */
export function planChanges(
  entities: readonly EntityFacts[],
  parts: readonly number[],
): ReadonlyMap<number, EntityChange> | NotConvertible {
  const changes = new Map<number, EntityChange>();
  const within: Within[] = [];
  const eightBit = eightBitWithin(entities);
  for (const [index, facts] of entities.entries()) {
    const around = within[facts.parent] ?? 'free';
    const kind = partAt(parts, index)?.kind ?? 'leaf';
    within[index] = around;
    if (around === 'encoded') continue;
    const octets = eightBit[index] ?? 0;
    if (around === 'signed' && octets > 0) return 'signed';
    if (around === 'signed') continue;
    if (facts.inHeader > 0) return 'header';
    const change = kind === 'leaf' ? changeOfLeaf(facts) : changeOfComposite(facts, kind, octets);
    if (typeof change === 'string') return change;
    if (kind !== 'leaf') within[index] = inComposite(facts, change);
    changes.set(index, withMimeVersion(change, facts, partAt(parts, facts.parent)?.kind !== 'multipart'));
  }
  return changes;
}

/** Octets above 127 of each entity, with those of all that is in it. */
function eightBitWithin(entities: readonly EntityFacts[]): readonly number[] {
  const within = entities.map(({ inHeader, inBody }) => inHeader + inBody);
  for (let index = within.length - 1; index > 0; index -= 1) {
    const parent = entities[index]?.parent ?? 0;
    within[parent] = (within[parent] ?? 0) + (within[index] ?? 0);
  }
  return within;
}

function changeOfLeaf(facts: EntityFacts): EntityChange | NotConvertible {
  const { type, subtype, encoding, inBody, longLines, cut } = facts;
  if (inBody === 0 && !longLines) return sevenBitLabel(facts);
  if (encoding === 'QUOTED-PRINTABLE') return { body: 'mend quoted-printable' };
  if (encoding === 'BASE64') return { body: 'mend base64' };
  const composite = type === 'MULTIPART' || (type === 'MESSAGE' && !subtype.startsWith('GLOBAL'));
  if (inBody > 0 && (composite || cut)) return composite ? 'composite' : 'header';
  // Lines that are too long are better than a message that is not sent.
  if (composite || cut) return sevenBitLabel(facts);
  const label = type === 'TEXT' ? 'quoted-printable' : 'base64';
  return { label, body: label };
}

function changeOfComposite(
  facts: EntityFacts,
  kind: 'multipart' | 'message',
  octets: number,
): EntityChange | NotConvertible {
  const { subtype, encoding, inBody, cut } = facts;
  if (octets === 0) return sevenBitLabel(facts);
  if (encoding === 'QUOTED-PRINTABLE' || encoding === 'BASE64') return 'composite';
  if (kind === 'message' && subtype === 'GLOBAL') return cut ? 'header' : { label: 'base64', body: 'base64' };
  return inBody > 0 ? { ...sevenBitLabel(facts), body: 'mask' } : sevenBitLabel(facts);
}

function inComposite({ type, subtype }: EntityFacts, { body }: EntityChange): Within {
  if (body === 'base64') return 'encoded';
  return type === 'MULTIPART' && subtype === 'SIGNED' ? 'signed' : 'free';
}

/** What had octets above 127, or may have had them, has none now. */
function sevenBitLabel({ encoding, cut }: EntityFacts): EntityChange {
  return (encoding === '8BIT' || encoding === 'BINARY') && !cut ? { label: '7bit' } : unchanged;
}

const unchanged: EntityChange = {};

/** A message that is encoded is MIME from now on (RFC 2045 section 4). */
function withMimeVersion(change: EntityChange, facts: EntityFacts, isMessage: boolean): EntityChange {
  const encoded = change.label === 'quoted-printable' || change.label === 'base64';
  return encoded && isMessage && !facts.mimeVersion ? { ...change, mimeVersion: true } : change;
}
