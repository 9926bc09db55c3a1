/** All commands and capabilities; CAPA's list and the table of states are computed from them. */
import { capabilities } from './capabilities.ts';
import type { Capability } from './capability.ts';
import { everyState, type Command, type State } from './command.ts';
import { capaCommand } from './commands/capa.ts';
import { deleCommand } from './commands/dele.ts';
import { listCommand } from './commands/list.ts';
import { noopCommand } from './commands/noop.ts';
import { quitCommand } from './commands/quit.ts';
import { retrCommand } from './commands/retr.ts';
import { rsetCommand } from './commands/rset.ts';
import { statCommand } from './commands/stat.ts';

export interface Registry {
  /** In the order in which CAPA shows them. */
  readonly capabilities: readonly Capability[];
  /** By verb. */
  readonly commands: ReadonlyMap<string, Command>;
}

/** Those that no capability announces. */
const baseCommands: readonly Command[] = [
  capaCommand,
  statCommand,
  listCommand,
  retrCommand,
  deleCommand,
  noopCommand,
  rsetCommand,
  quitCommand,
];

export const pop3Registry: Registry = {
  capabilities,
  commands: new Map(
    [...baseCommands, ...capabilities.flatMap(({ commands = [] }) => commands)].map((command) => [
      command.verb,
      command,
    ]),
  ),
};

/** Which verbs are allowed in which state. */
export function stateTable(registry: Registry): ReadonlyMap<State, readonly string[]> {
  return new Map(
    everyState.map((state) => [
      state,
      [...registry.commands.values()].filter(({ states }) => states.includes(state)).map(({ verb }) => verb),
    ]),
  );
}
