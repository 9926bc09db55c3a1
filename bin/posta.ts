#!/usr/bin/env -S node --max-semi-space-size=16
/** The `posta` command: the mail server and what its admin does. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { quietPipes, reportFailure } from './failure.ts';

// What Node has compiled once is not compiled again: a command starts in half the time. A folder of our own, for
// whoever can write to the cache decides what runs; where it cannot be written, all goes on without.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/posta'));
const { postaProgram } = await import('./program.ts');

quietPipes();
const given = process.argv.slice(2);
// `posta help account add` is `posta account add --help`, however deep.
const args = given[0] === 'help' ? [...given.slice(1), '--help'] : given;
try {
  const program = await postaProgram(args);
  await program.parseAsync(args, { from: 'user' });
} catch (fault) {
  reportFailure(fault);
}
