/** What SELECT and EXAMINE may be asked in parentheses (RFC 4466 section 2.1): `(CONDSTORE)`. */
import type { Session } from './session.ts';
import type { Scanner } from './syntax/scanner.ts';

export interface SelectParameter {
  /** In upper case. */
  readonly name: string;
  readonly rfcs: readonly string[];
  /** Reads what stands behind the name; answers what is to be done before the mailbox is opened. */
  parse(args: Scanner): ((session: Session) => void) | undefined;
}
