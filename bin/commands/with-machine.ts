/** Runs a command on the data directory, which is closed however the command ends. */
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import type { Account } from '../../mail/directory/account.ts';
import type { Directory } from '../../mail/directory/directory.ts';
import { parseAddress } from '../../mail/message/address.ts';
import { CommandFailure } from '../failure.ts';
import { openLog } from '../keep-log.ts';
import { openOneMachine, type OneMachine } from '../one-machine.ts';

export async function withMachine<Result>(
  data: string,
  run: (machine: OneMachine) => Promise<Result>,
): Promise<Result> {
  // Warnings and errors of the storage, for the person who typed the command.
  await using logging = openLog({ data, level: 'warn', destination: process.stderr, readable: true });
  const { log, files } = logging;
  await using machine = await openOneMachine({ data, log });
  files.start();
  return await run(machine);
}

/** As `withMachine`, where there must be a data directory already. */
export async function withExistingMachine<Result>(
  data: string,
  run: (machine: OneMachine) => Promise<Result>,
): Promise<Result> {
  if (!existsSync(join(data, 'table')))
    throw new CommandFailure(
      `there is no data directory ${data}. Name the right one with --data, or make it with posta serve or posta domain add`,
    );
  return withMachine(data, run);
}

/** The account of an address, or a failure that says where to look. */
export async function accountOf(directory: Directory, address: string): Promise<Account> {
  const parsed = parseAddress(address);
  const account = parsed && (await directory.findAccountByAddress(parsed));
  if (account === undefined)
    throw new CommandFailure(`there is no account ${address}. posta account list shows those there are`);
  return account;
}
