/** NAMESPACE (RFC 2342): the user's own mailboxes, whose names begin with nothing; no others yet. */
import { separator } from '../../mailbox/folder-name.ts';
import { badArguments, done, loggedIn, type Command } from '../command.ts';
import { always } from '../extension.ts';
import { completed } from '../status.ts';

const namespaceCommand: Command = {
  name: 'NAMESPACE',
  rfcs: ['RFC 2342 section 5'],
  states: loggedIn,
  run(session, args) {
    if (!args.end()) return badArguments('NAMESPACE', args);
    session.out.untagged(`NAMESPACE (("" "${separator}")) NIL NIL`);
    return done(completed('NAMESPACE'));
  },
};

export const namespaceExtension = always('NAMESPACE', 'RFC 2342', { commands: [namespaceCommand] });
