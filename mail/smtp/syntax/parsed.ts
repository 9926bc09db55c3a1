/** What a lexing function answers: the value and what is left of the line after it, or why there is none. */
export type Parsed<Value> =
  | { readonly kind: 'ok'; readonly value: Value; readonly rest: string }
  | { readonly kind: 'bad'; readonly reason: string };

/** `text` begins with `value`. */
export function ok<Value>(value: Value, rest: string): Parsed<Value> {
  return { kind: 'ok', value, rest };
}

/** `reason` is read by the remote admin: a clause without a full stop. */
export function bad(reason: string): { readonly kind: 'bad'; readonly reason: string } {
  return { kind: 'bad', reason };
}
