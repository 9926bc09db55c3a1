/**
 * Keys of items as bytes whose order is that of `pk`, then of `sk` by its UTF-8 bytes, as on DynamoDB: the partition,
 * a NUL, the sort key.
 */
import type { Key, Range } from '../../mail/ports/table.ts';

/** LMDB's limit at its page size of 4 KB, in bytes. */
const maxKeyBytes = 1978;
/** DynamoDB's limit of a sort key, held here too so that what works on one machine works there. */
const maxSortKeyBytes = 1024;

/** Code units that take no more than that in UTF-8. */
const alwaysFits = maxSortKeyBytes / 3;

/** What a partition's name has another form for. */
// oxlint-disable-next-line no-control-regex
const escapes = /[\0\x01]/;

/** A key that no driver can store: an error of the program, not of its data. */
export class KeyRefused extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'KeyRefused';
  }
}

/** What all keys of a partition begin with. */
function encodePartition(pk: string): Buffer {
  // NUL ends the partition's name, so where it is part of the name it is written as 01 01, and 01 as 01 02.
  // oxlint-disable-next-line no-control-regex
  const escaped = pk.replace(/[\0\x01]/g, (unit) => (unit === '\0' ? '\x01\x01' : '\x01\x02'));
  return Buffer.from(`${escaped}\0`, 'utf8');
}

/** Throws `KeyRefused` for an empty name, an unpaired surrogate, or more bytes than a key may have. */
export function encodeKey({ pk, sk }: Key): Buffer {
  if (pk === '' || sk === '') throw new KeyRefused('pk and sk must not be empty');
  if (!pk.isWellFormed() || !sk.isWellFormed()) throw new KeyRefused('pk or sk has an unpaired surrogate');
  if (pk.length + sk.length <= alwaysFits && !escapes.test(pk)) return Buffer.from(`${pk}\0${sk}`, 'utf8');
  const partition = encodePartition(pk);
  const sortKey = Buffer.from(sk, 'utf8');
  const length = partition.length + sortKey.length;
  if (sortKey.length > maxSortKeyBytes || length > maxKeyBytes)
    throw new KeyRefused(
      `the key ${JSON.stringify(pk.slice(0, 80))} ${JSON.stringify(sk.slice(0, 80))} is too long: ` +
        `${sortKey.length} bytes of at most ${maxSortKeyBytes} in sk, ${length} of at most ${maxKeyBytes} in all`,
    );
  return Buffer.concat([partition, sortKey], length);
}

/** Between which keys a range lies, as bytes. */
export interface Bounds {
  /** Length of the partition's part: what follows it is the sort key. */
  readonly partitionBytes: number;
  readonly low: Buffer;
  readonly lowExclusive: boolean;
  /** Exclusive. */
  readonly high: Buffer;
}

/** The bounds of a range; `low` at or above `high` where it is empty. */
export function boundsOf(range: Range): Bounds {
  const partition = encodePartition(range.pk);
  const at = (sk: string) => Buffer.concat([partition, Buffer.from(sk, 'utf8')]);
  let low = at(range.from ?? '');
  let lowExclusive = false;
  let high = range.to === undefined ? following(partition) : at(range.to);
  if (range.prefix !== undefined && range.prefix !== '') {
    const prefix = at(range.prefix);
    if (prefix.compare(low) > 0) low = prefix;
    if (following(prefix).compare(high) < 0) high = following(prefix);
  }
  if (range.after !== undefined) {
    const after = at(range.after);
    if (range.reverse === true) {
      if (after.compare(high) < 0) high = after;
    } else if (after.compare(low) >= 0) {
      low = after;
      lowExclusive = true;
    }
  }
  return { partitionBytes: partition.length, low, lowExclusive, high };
}

/** The first key past all that begin with `prefix`. UTF-8 has no byte 255, so the last one can be raised. */
function following(prefix: Buffer): Buffer {
  const next = Buffer.from(prefix);
  next[next.length - 1] = (next.at(-1) ?? 0) + 1;
  return next;
}
