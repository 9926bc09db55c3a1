/** How the `posta` command ends when it cannot do what it was asked: one line that says what to do, exit code 1. */

/** Says what happened, to what, and what to do next. */
export class CommandFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandFailure';
  }
}

/** Prints a fault for a person; the stack only where POSTA_DEBUG is set. */
export function reportFailure(fault: unknown): void {
  const message = fault instanceof Error ? fault.message : String(fault);
  process.stderr.write(`error: ${message}\n`);
  if (process.env['POSTA_DEBUG'] !== undefined && fault instanceof Error && fault.stack !== undefined)
    process.stderr.write(`${fault.stack}\n`);
  process.exitCode = 1;
}
