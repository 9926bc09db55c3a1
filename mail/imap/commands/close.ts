/** CLOSE (RFC 3501 section 6.4.2): expunges in silence, unless the mailbox is open read-only. */
import { badArguments, done, selectedOnly, type Command } from '../command.ts';
import { completed } from '../status.ts';

export const closeCommand: Command = {
  name: 'CLOSE',
  rfcs: ['RFC 3501 section 6.4.2'],
  states: selectedOnly,
  tells: 'nothing',
  async run(session, args) {
    if (!args.end()) return badArguments('CLOSE', args);
    const { mailbox, readOnly } = session.selected;
    // What another session has deleted meanwhile needs no expunging.
    if (!readOnly) await session.mail.expunge({ mailbox });
    session.unselect();
    return done(completed('CLOSE'));
  },
};
