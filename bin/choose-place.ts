/** Where a command works, of all that names a place: the command line, then the environment; never two at once. */
import type { Command, Option } from 'commander';
import { CommandFailure } from './failure.ts';

/**
 * Gives the command the deployment that stands before its name (`posta --stack posta account list`), and takes away one
 * that only the environment names where a data directory is named nearer. Throws `CommandFailure` where it cannot be known
 * which is meant, and where a command works on this machine only.
 */
export function choosePlace(program: Command, command: Command): void {
  const option = command.options.find(({ long }) => long === '--stack');
  const given = program.getOptionValue('stack') as string | undefined;
  const dataSource = command.getOptionValueSource('data');
  if (given !== undefined) {
    if (dataSource === 'cli')
      throw new CommandFailure('--stack and --data name two places: give one of them');
    if (option === undefined)
      throw new CommandFailure(
        `posta ${command.name()} works on this machine only: a deployment's server is started by cdk deploy`,
      );
    // One that works on a data directory only says so here.
    command.setOptionValueWithSource('stack', option.parseArg?.(given, undefined) ?? given, 'cli');
    return;
  }
  if (option === undefined || dataSource === 'cli') return dropStack(command);
  const { POSTA_STACK: named = '' } = process.env;
  if (named === '') return;
  if (dataSource === 'env') throw twoPlaces(named);
  if (isLocalOnly(option)) option.parseArg?.(named, undefined);
}

/** Set by the environment, and farther than a data directory on the command line. */
function dropStack(command: Command): void {
  if (command.getOptionValueSource('stack') === 'env')
    command.setOptionValueWithSource('stack', undefined, 'default');
}

function twoPlaces(stage: string): CommandFailure {
  return new CommandFailure(
    `the environment names two places: the deployment ${stage} (POSTA_STACK) and a data directory (POSTA_DATA). Unset one of them, or say which with --stack or --data`,
  );
}

/** Its option is there to say no. */
function isLocalOnly({ hidden }: Option): boolean {
  return hidden;
}
