/** What STORE may be asked in parentheses (RFC 4466 section 2.5): `(UNCHANGEDSINCE 7)`. */
import type { ModSeq } from '../mailbox/types.ts';
import type { Session } from './session.ts';
import type { Scanner } from './syntax/scanner.ts';

/** What the modifiers ask of the mail store. */
export interface StoreConditions {
  /** 0 is below every mod-sequence: nothing is stored. */
  readonly unchangedSince?: ModSeq | 0;
  /** That it was asked changes the session (RFC 7162 section 3.1). */
  readonly asked?: (session: Session) => void;
}

export interface StoreModifier {
  /** In upper case. */
  readonly name: string;
  readonly rfcs: readonly string[];
  /** Reads what stands behind the name. */
  parse(args: Scanner): StoreConditions | undefined;
}
