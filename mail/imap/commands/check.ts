/** CHECK (RFC 3501 section 6.4.1): everything is in order always, so it is a NOOP. */
import { selectedOnly, type Command } from '../command.ts';
import { completed } from '../status.ts';
import { badArguments, done } from '../command.ts';

export const checkCommand: Command = {
  name: 'CHECK',
  rfcs: ['RFC 3501 section 6.4.1'],
  states: selectedOnly,
  run(session, args) {
    if (!args.end()) return badArguments('CHECK', args);
    session.selected.stale = true;
    return done(completed('CHECK'));
  },
};
