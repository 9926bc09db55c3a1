/** UNSELECT (RFC 3691): as CLOSE, and nothing is expunged. */
import { badArguments, done, selectedOnly, type Command } from '../command.ts';
import { always } from '../extension.ts';
import { completed } from '../status.ts';

const unselectCommand: Command = {
  name: 'UNSELECT',
  rfcs: ['RFC 3691 section 2'],
  states: selectedOnly,
  tells: 'nothing',
  run(session, args) {
    if (!args.end()) return badArguments('UNSELECT', args);
    session.unselect();
    return done(completed('UNSELECT'));
  },
};

export const unselectExtension = always('UNSELECT', 'RFC 3691', { commands: [unselectCommand] });
