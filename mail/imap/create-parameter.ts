/** What CREATE may be asked in parentheses (RFC 4466 section 2.2): `(USE (\Sent))`. */
import type { SpecialUse } from '../mailbox/folder-item.ts';
import type { Scanner } from './syntax/scanner.ts';
import type { Status } from './status.ts';

/** What the parameters ask of the new mailbox, or why it is not made. */
export interface CreateWish {
  readonly specialUse?: SpecialUse | undefined;
  readonly refusal?: Status;
}

export interface CreateParameter {
  /** In upper case. */
  readonly name: string;
  readonly rfcs: readonly string[];
  /** Reads what stands behind the name. */
  parse(args: Scanner): CreateWish | undefined;
}
