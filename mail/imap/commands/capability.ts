/** CAPABILITY (RFC 3501 section 6.1.1), and the same list in a response code. */
import { badArguments, done, everyState, type Command } from '../command.ts';
import type { Session } from '../session.ts';
import { completed } from '../status.ts';

export const capabilityCommand: Command = {
  name: 'CAPABILITY',
  rfcs: ['RFC 3501 section 6.1.1'],
  states: everyState,
  run(session, args) {
    if (!args.end()) return badArguments('CAPABILITY', args);
    session.out.untagged(capabilities(session));
    return done(completed('CAPABILITY'));
  },
};

/** `CAPABILITY IMAP4rev1 …`, as things stand in this session. */
export function capabilities(session: Session): string {
  let text = 'CAPABILITY IMAP4rev1';
  for (const extension of session.registry.extensions)
    for (const word of extension.capabilities(session)) text += ` ${word}`;
  return text;
}
