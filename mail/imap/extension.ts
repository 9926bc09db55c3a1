/** What an extension is: a word in CAPABILITY, and what it adds to the protocol. One extension is one file. */
import type { Command } from './command.ts';
import type { CreateParameter } from './create-parameter.ts';
import type { DataItemKind, FetchModifier } from './fetch/data-item.ts';
import type { ListReturn, ListSelection } from './list/list-option.ts';
import type { ReturnOption } from './search/return-option.ts';
import type { SearchKey } from './search/search-key.ts';
import type { SelectParameter } from './select-parameter.ts';
import type { Session } from './session.ts';
import type { StatusItem } from './status-item.ts';
import type { StoreModifier } from './store-modifier.ts';

/** They are listed in `extensions.ts`. */
export interface Extension {
  /** As the IANA registry of IMAP capabilities has it. */
  readonly name: string;
  readonly rfcs: readonly string[];
  /** Its words in CAPABILITY as things stand in this session: none where it is not offered now. */
  capabilities(session: Session): readonly string[];
  readonly commands?: readonly Command[];
  readonly dataItems?: readonly DataItemKind[];
  readonly fetchModifiers?: readonly FetchModifier[];
  readonly storeModifiers?: readonly StoreModifier[];
  readonly searchKeys?: readonly SearchKey[];
  readonly returnOptions?: readonly ReturnOption[];
  readonly selectParameters?: readonly SelectParameter[];
  readonly statusItems?: readonly StatusItem[];
  readonly createParameters?: readonly CreateParameter[];
  readonly listSelections?: readonly ListSelection[];
  readonly listReturns?: readonly ListReturn[];
  /** What ENABLE does (RFC 5161); it is no extension to be enabled where this is missing. */
  readonly enable?: (session: Session) => void;
}

/** An extension that every session is offered, by its name alone. */
export function always(
  name: string,
  rfc: string,
  adds: Omit<Extension, 'name' | 'rfcs' | 'capabilities'> = {},
): Extension {
  return { name, rfcs: [rfc], capabilities: () => [name], ...adds };
}
