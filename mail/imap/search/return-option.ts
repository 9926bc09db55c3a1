/** What SEARCH may be asked to tell of its result (RFC 4466 section 2.6.1): `RETURN (MIN COUNT)`. One is one file, or a few. */
import type { ResponseWriter } from '../response-writer.ts';
import type { Session } from '../session.ts';
import type { Scanner } from '../syntax/scanner.ts';

/** How much of the result is asked for: so many messages from its beginning and from its end, or all. */
export interface Extent {
  readonly first: number;
  readonly last: number;
}

/** What was found. */
export interface Found {
  /** Numbers or uids, rising: as many as were asked for (`Extent`), or all. */
  readonly numbers: readonly number[];
  /** The same messages by their places in what the client was told. */
  readonly places: readonly number[];
  /** The highest mod-sequence of them; 0 where there is none. */
  readonly highestModSeq: number;
}

/** An option as it was asked. */
export interface AskedReturn {
  readonly extent: Extent;
  /** Writes ` NAME value` into ESEARCH, or nothing. Waits for `out.ready()` where it writes much. */
  readonly write?: (found: Found, out: ResponseWriter) => void | Promise<void>;
  /** What was found changes the session (RFC 5182 SAVE). */
  readonly keep?: (session: Session, found: Found) => void;
}

export interface ReturnOption {
  /** In upper case. */
  readonly name: string;
  readonly rfcs: readonly string[];
  /** Reads what stands behind the name. */
  parse(args: Scanner): AskedReturn | undefined;
}

export const wholeResult: Extent = { first: Infinity, last: 0 };
