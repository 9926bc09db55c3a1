/** NOOP (RFC 3501 section 6.1.2): the client is told what changed. */
import { badArguments, done, everyState, type Command } from '../command.ts';
import { completed } from '../status.ts';

export const noopCommand: Command = {
  name: 'NOOP',
  rfcs: ['RFC 3501 section 6.1.2'],
  states: everyState,
  run(session, args) {
    if (!args.end()) return badArguments('NOOP', args);
    // Asked, so it is looked for, even where no wake-up came.
    if (session.maybeSelected !== undefined) session.selected.stale = true;
    return done(completed('NOOP'));
  },
};
