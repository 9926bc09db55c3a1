/** CREATE (RFC 3501 section 6.3.3): with the levels above that are missing. */
import { badArguments, done, loggedIn, type Command } from '../command.ts';
import { folderStatus } from '../folder-status.ts';
import { mailbox } from '../syntax/mailbox-name.ts';

export const createCommand: Command = {
  name: 'CREATE',
  rfcs: ['RFC 3501 section 6.3.3'],
  states: loggedIn,
  async run(session, args) {
    args.space();
    const name = mailbox(args);
    if (!args.end() || name === undefined) return badArguments('CREATE', args);
    return done(folderStatus('CREATE', await session.mail.createFolder({ name })));
  },
};
