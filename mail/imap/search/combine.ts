/** Criteria joined: true, false, and undefined where it cannot be told yet (Kleene's logic). */
import { stages, type Criterion, type Wanted } from './search-key.ts';
import type { SearchedMessage } from './searched-message.ts';

/** All of them must match: false as soon as one is. */
export function allOf(criteria: readonly Criterion[]): Criterion {
  return joined(criteria, false);
}

/** One of them must match: true as soon as one does. */
export function anyOf(criteria: readonly Criterion[]): Criterion {
  return joined(criteria, true);
}

/** It must not match. */
export function not(criterion: Criterion): Criterion {
  const { byFlags } = criterion;
  return {
    ...criterion,
    byFlags: byFlags && ((system) => !byFlags(system)),
    matches(message) {
      const matches = criterion.matches(message);
      return matches === undefined ? undefined : !matches;
    },
  };
}

/** One that is `decisive` decides for all; without such a one, all must be known. */
function joined(criteria: readonly Criterion[], decisive: boolean): Criterion {
  const [first, ...more] = criteria;
  if (first !== undefined && more.length === 0) return first;
  const sorted = criteria.toSorted((one, other) => rank(one) - rank(other));
  return {
    stage: sorted.at(-1)?.stage ?? 'record',
    asksEnvelope: sorted.some(({ asksEnvelope }) => asksEnvelope === true),
    matches(message) {
      let matches: boolean | undefined = !decisive;
      for (const criterion of sorted) {
        const one = criterion.matches(message);
        if (one === decisive) return decisive;
        if (one === undefined) matches = undefined;
      }
      return matches;
    },
    byFlags: joinedByFlags(criteria, decisive),
    want: (message, wanted) => wantOf(sorted, message, wanted),
  };
}

function joinedByFlags(criteria: readonly Criterion[], decisive: boolean): Criterion['byFlags'] {
  const deciding = criteria.flatMap(({ byFlags }) => byFlags ?? []);
  if (deciding.length < criteria.length) return undefined;
  return (system) => deciding.some((byFlags) => byFlags(system) === decisive) === decisive;
}

function rank({ stage }: Criterion): number {
  return stages.indexOf(stage);
}

/** Only those that are open want something: what is decided otherwise costs nothing. */
function wantOf(criteria: readonly Criterion[], message: SearchedMessage, wanted: Wanted): void {
  for (const criterion of criteria)
    if (criterion.matches(message) === undefined) criterion.want?.(message, wanted);
}
