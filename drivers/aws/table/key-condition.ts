/** A range as DynamoDB's one condition on the sort key, which is ordered by UTF-8 bytes. */
import type { Range } from '../../../mail/ports/table.ts';
import { toKey, type Attributes } from './attribute-values.ts';

export interface KeyCondition {
  readonly expression: string;
  readonly values: Attributes;
  /** What is read comes after this key, in the order of reading. */
  readonly startKey?: Attributes;
  /** BETWEEN includes its end, which a range does not: the last item of the range when it is read forwards. */
  readonly dropped?: string;
}

/** undefined where nothing can be in it. */
export function keyConditionOf(range: Range): KeyCondition | undefined {
  const { pk, reverse = false, after, prefix = '' } = range;
  const low = later(range.from ?? '', prefix);
  const high = earlier(range.to, prefix === '' ? undefined : following(prefix));
  if (high !== undefined && !isBefore(low, high)) return undefined;
  const condition = conditionOf(pk, { low, high, prefix });
  const startAt = (sk: string) => ({ ...condition, startKey: toKey({ pk, sk }) });
  // DynamoDB refuses a start outside the range; its end may be one, and need not be there.
  if (reverse) {
    if (after === undefined || (high !== undefined && !isBefore(after, high)))
      return condition.dropped === undefined ? condition : startAt(condition.dropped);
    return isBefore(low, after) ? startAt(after) : undefined;
  }
  if (after === undefined || isBefore(after, low)) return condition;
  return high === undefined || isBefore(after, high) ? startAt(after) : undefined;
}

interface Bounds {
  /** Included; empty for none. */
  readonly low: string;
  /** Excluded. */
  readonly high: string | undefined;
  readonly prefix: string;
}

function conditionOf(pk: string, { low, high, prefix }: Bounds): KeyCondition {
  const values = (sks: Readonly<Record<string, string>>): Attributes =>
    Object.fromEntries(Object.entries({ ...sks, ':pk': pk }).map(([name, text]) => [name, { S: text }]));
  if (prefix !== '' && low === prefix && high === following(prefix))
    return { expression: 'pk = :pk AND begins_with(sk, :low)', values: values({ ':low': low }) };
  if (low === '' && high === undefined) return { expression: 'pk = :pk', values: values({}) };
  if (high === undefined) return { expression: 'pk = :pk AND sk >= :low', values: values({ ':low': low }) };
  if (low === '') return { expression: 'pk = :pk AND sk < :high', values: values({ ':high': high }) };
  return {
    expression: 'pk = :pk AND sk BETWEEN :low AND :high',
    values: values({ ':low': low, ':high': high }),
    dropped: high,
  };
}

function isBefore(one: string, other: string): boolean {
  return Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0;
}

function later(one: string, other: string): string {
  return isBefore(one, other) ? other : one;
}

function earlier(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return isBefore(one, other) ? one : other;
}

const lastCodePoint = 0x10_ff_ff;

/** The first text past all that begin with `prefix`; undefined where there is none. */
function following(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === lastCodePoint) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  // Between the two lie the surrogates, which are no characters.
  const next = last === 0xd7_ff ? 0xe0_00 : last + 1;
  return String.fromCodePoint(...points, next);
}
