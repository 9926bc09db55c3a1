/** An admin's change that cannot be: why, and what to do instead. Both are shown as they are. */
export interface Refused {
  readonly kind: 'refused';
  /** A sentence. */
  readonly reason: string;
  /** What to do: a sentence, or a command to type. */
  readonly hint: string;
}

export function refuse(reason: string, hint: string): Refused {
  return { kind: 'refused', reason, hint };
}

/** Whether it is one, among results of any shape. */
export function isRefused(result: unknown): result is Refused {
  return typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'refused';
}
