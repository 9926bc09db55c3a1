/** EXPUNGE (RFC 3501 section 6.4.3). */
import { badArguments, done, selectedOnly, type Command, type Outcome } from '../command.ts';
import type { Session } from '../session.ts';
import { completed, statuses } from '../status.ts';
import type { Uid } from '../../mailbox/types.ts';

export const expungeCommand: Command = {
  name: 'EXPUNGE',
  rfcs: ['RFC 3501 section 6.4.3'],
  states: selectedOnly,
  run(session, args) {
    if (!args.end()) return badArguments('EXPUNGE', args);
    return expunge(session, 'EXPUNGE');
  },
};

/** Takes out what is `\Deleted`, of all messages or of `uids`; the EXPUNGE responses are told as all changes are. */
export async function expunge(session: Session, command: string, uids?: readonly Uid[]): Promise<Outcome> {
  const { selected } = session;
  if (selected.readOnly) return done(statuses.readOnly);
  const outcome = await session.mail.expunge({
    mailbox: selected.mailbox,
    ...(uids === undefined ? {} : { uids }),
  });
  selected.stale = true;
  return done(outcome.kind === 'expunged' ? completed(command) : statuses.noSuchMailbox);
}
