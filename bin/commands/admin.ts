/** Runs an admin's command on the data directory, and turns a refusal into the command's failure. */
import type { AdminCommand } from '../../lambdas/admin/command.ts';
import { isRefused, type Refused } from '../../mail/directory/refused.ts';
import { adminPorts } from '../admin-ports.ts';
import { CommandFailure } from '../failure.ts';
import type { OneMachine } from '../one-machine.ts';
import type { Place } from '../options.ts';
import { askDeployment } from './deployment.ts';
import { withExistingMachine, withMachine } from './with-machine.ts';

/** What every command has among its options. */
export interface AdminOptions extends Place {
  readonly json?: boolean;
}

/** The command's result; throws `CommandFailure` with the reason and the hint where it is refused. */
export async function runAdmin<Input, Result>(
  command: AdminCommand<Input, Result>,
  input: Input,
  { create = false, ...place }: Place & { readonly create?: boolean },
): Promise<Result> {
  const open = create ? withMachine : withExistingMachine;
  return carryOut(command, input, { place, open, portsOf: (machine) => adminPorts(machine) });
}

/** Where the options say: on a data directory, or by a deployment. */
export async function carryOut<Input, Result, Ports>(
  command: AdminCommand<Input, Result, Ports>,
  input: Input,
  {
    place: { data, stack },
    open = withExistingMachine,
    portsOf,
  }: {
    readonly place: Place;
    readonly open?: typeof withMachine;
    /** What the command needs of a data directory. */
    readonly portsOf: (machine: OneMachine) => Ports;
  },
): Promise<Result> {
  const result =
    stack === undefined
      ? await open(data, (machine) => command(portsOf(machine), input))
      : ((await askDeployment(stack, command, input)) as Result | Refused);
  if (isRefused(result)) throw new CommandFailure(`${result.reason} ${result.hint}`);
  return result;
}

/** All pages of a command that lists. */
export async function runAdminPages<Entry>(
  page: (
    after: string | undefined,
  ) => Promise<{ readonly entries: readonly Entry[]; readonly next: string | null }>,
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  let after: string | undefined;
  for (;;) {
    const { entries: more, next } = await page(after);
    entries.push(...more);
    if (next === null) return entries;
    after = next;
  }
}
