/**
 * What LIST may be asked in parentheses (RFC 5258): before the reference, which names it shows; behind RETURN, what it
 * tells of each. An option is an extension's.
 */
import type { Session } from '../session.ts';
import type { Scanner } from '../syntax/scanner.ts';
import type { ListEntry } from './list-entry.ts';
import type { ListedName } from './listed-names.ts';

/** What is told of each name. The same item twice is told once. */
export interface ListItem {
  /** That it was asked for changes the session (RFC 7162 section 3.1). */
  readonly asked?: (session: Session) => void;
  /** Mailbox name attributes: `\Sent`. */
  attributes?(listed: ListedName): readonly string[];
  /** Extended data behind the name (RFC 5258 section 3.5): `"CHILDINFO" ("SUBSCRIBED")`. */
  extended?(listed: ListedName): readonly string[];
  /** Writes what follows the LIST response (RFC 5819): `* STATUS …`. */
  follow?(listed: ListedName, session: Session): void | Promise<void>;
}

/** A selection option as it was asked. */
export interface ListSelector {
  /** Only these names. Where no selector says, those of folders are shown. */
  readonly selects?: (entry: ListEntry) => boolean;
  /** As `ListRequest.recursive`. */
  readonly recursive?: boolean;
  /** Told too, whether RETURN asks for them or not. */
  readonly items?: readonly ListItem[];
}

/** A selection option: `(SPECIAL-USE)`. */
export interface ListSelection {
  /** In upper case. */
  readonly name: string;
  readonly rfcs: readonly string[];
  /** Reads what stands behind the name. */
  parse(args: Scanner): ListSelector | undefined;
}

/** A return option: `RETURN (CHILDREN)`. */
export interface ListReturn {
  /** In upper case. */
  readonly name: string;
  readonly rfcs: readonly string[];
  /** What a LIST without RETURN is told of it. */
  readonly unasked?: ListItem;
  /** Reads what stands behind the name. */
  parse(args: Scanner, session: Session): ListItem | undefined;
}
