/** How the `posta` command ends when it cannot do what it was asked: one line that says what to do, exit code 1. */

/** Says what happened, to what, and what to do next. */
export class CommandFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandFailure';
  }
}

/**
 * Who reads the output may leave before its end (`posta account list | head -1`): the command still does its work,
 * and says nothing of it. Output that cannot be written otherwise is a failure, said once.
 */
export function quietPipes(): void {
  process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'EPIPE')
      reportFailure(new CommandFailure(`the output cannot be written: ${fault.message}`));
  });
  // Where even this fails there is nowhere left to say it.
  process.stderr.on('error', () => {});
}

/** Prints a fault for a person; the stack only where POSTA_DEBUG is set. */
export function reportFailure(fault: unknown): void {
  const message = fault instanceof Error ? fault.message : String(fault);
  process.stderr.write(`error: ${message}\n`);
  if (process.env['POSTA_DEBUG'] !== undefined && fault instanceof Error && fault.stack !== undefined)
    process.stderr.write(`${fault.stack}\n`);
  process.exitCode = 1;
}
