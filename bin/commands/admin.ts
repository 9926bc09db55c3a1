/** Runs an admin's command on the data directory, and turns a refusal into the command's failure. */
import type { AdminCommand } from '../../lambdas/admin/command.ts';
import { isRefused } from '../../mail/directory/refused.ts';
import { adminPorts } from '../admin-ports.ts';
import { CommandFailure } from '../failure.ts';
import { withExistingMachine, withMachine } from './with-machine.ts';

/** What every command has among its options. */
export interface AdminOptions {
  readonly data: string;
  readonly json?: boolean;
}

/** The command's result; throws `CommandFailure` with the reason and the hint where it is refused. */
export async function runAdmin<Input, Result>(
  command: AdminCommand<Input, Result>,
  input: Input,
  { data, create = false }: { readonly data: string; readonly create?: boolean },
): Promise<Result> {
  const open = create ? withMachine : withExistingMachine;
  return open(data, async (machine) => {
    const result = await command(adminPorts(machine), input);
    if (isRefused(result)) throw new CommandFailure(`${result.reason} ${result.hint}`);
    return result;
  });
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
