/** All that the protocol consists of, by name; CAPABILITY and the table of states are computed from it. */
import { everyState, type Command, type State } from './command.ts';
import { baseCommands } from './commands.ts';
import type { CreateParameter } from './create-parameter.ts';
import type { Extension } from './extension.ts';
import { extensions } from './extensions.ts';
import type { DataItemKind, FetchModifier } from './fetch/data-item.ts';
import { baseDataItems } from './fetch/data-items.ts';
import type { ListReturn, ListSelection } from './list/list-option.ts';
import type { ReturnOption } from './search/return-option.ts';
import type { SearchKey } from './search/search-key.ts';
import { baseSearchKeys } from './search/search-keys.ts';
import type { SelectParameter } from './select-parameter.ts';
import type { StatusItem } from './status-item.ts';
import { baseStatusItems } from './status-items.ts';
import type { StoreModifier } from './store-modifier.ts';

type Named<Thing> = ReadonlyMap<string, Thing>;

export interface Registry {
  /** In the order in which CAPABILITY shows them. */
  readonly extensions: readonly Extension[];
  readonly commands: Named<Command>;
  readonly dataItems: Named<DataItemKind>;
  readonly fetchModifiers: Named<FetchModifier>;
  readonly storeModifiers: Named<StoreModifier>;
  readonly searchKeys: Named<SearchKey>;
  readonly returnOptions: Named<ReturnOption>;
  readonly selectParameters: Named<SelectParameter>;
  readonly statusItems: Named<StatusItem>;
  readonly createParameters: Named<CreateParameter>;
  readonly listSelections: Named<ListSelection>;
  readonly listReturns: Named<ListReturn>;
}

export const imapRegistry: Registry = {
  extensions,
  commands: byName(baseCommands, ({ commands }) => commands),
  dataItems: byName(baseDataItems, ({ dataItems }) => dataItems),
  fetchModifiers: byName([], ({ fetchModifiers }) => fetchModifiers),
  storeModifiers: byName([], ({ storeModifiers }) => storeModifiers),
  searchKeys: byName(baseSearchKeys, ({ searchKeys }) => searchKeys),
  returnOptions: byName([], ({ returnOptions }) => returnOptions),
  selectParameters: byName([], ({ selectParameters }) => selectParameters),
  statusItems: byName(baseStatusItems, ({ statusItems }) => statusItems),
  createParameters: byName([], ({ createParameters }) => createParameters),
  listSelections: byName([], ({ listSelections }) => listSelections),
  listReturns: byName([], ({ listReturns }) => listReturns),
};

/** The protocol's own and what the extensions add. A name stands for one thing. */
function byName<Thing extends { readonly name: string }>(
  base: readonly Thing[],
  added: (extension: Extension) => readonly Thing[] | undefined,
): Named<Thing> {
  const things = [...base, ...extensions.flatMap((extension) => added(extension) ?? [])];
  const named = new Map(things.map((thing) => [thing.name, thing]));
  if (named.size < things.length) throw new Error('two parts of IMAP have one name');
  return named;
}

/** Which commands are allowed in which state. */
export function stateTable(registry: Registry): ReadonlyMap<State, readonly string[]> {
  return new Map(
    everyState.map((state) => [
      state,
      [...registry.commands.values()].filter(({ states }) => states.includes(state)).map(({ name }) => name),
    ]),
  );
}
