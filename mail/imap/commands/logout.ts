/** LOGOUT (RFC 3501 section 6.1.3): nothing is expunged. */
import { badArguments, everyState, type Command } from '../command.ts';
import { completed, farewells } from '../status.ts';

export const logoutCommand: Command = {
  name: 'LOGOUT',
  rfcs: ['RFC 3501 section 6.1.3'],
  states: everyState,
  tells: 'nothing',
  run(_, args) {
    if (!args.end()) return badArguments('LOGOUT', args);
    return { kind: 'end', farewell: farewells.logout, status: completed('LOGOUT') };
  },
};
