/**
 * RENAME (RFC 3501 section 6.3.5): with all that is below; of INBOX only its messages. Who has the mailbox selected
 * stays with it, whatever its name, but for INBOX: that is another mailbox now, with other uids.
 *
 * Subscriptions are names and stay what they are. The RFC says nothing of moving them, and a client that renames what it
 * is subscribed to subscribes to the new name and unsubscribes from the old.
 */
import { badArguments, done, loggedIn, type Command } from '../command.ts';
import { folderStatus } from '../folder-status.ts';
import { statuses } from '../status.ts';
import { mailbox } from '../syntax/mailbox-name.ts';

export const renameCommand: Command = {
  name: 'RENAME',
  rfcs: ['RFC 3501 section 6.3.5'],
  states: loggedIn,
  async run(session, args) {
    args.space();
    const from = mailbox(args);
    args.space();
    const to = mailbox(args);
    if (!args.end() || from === undefined || to === undefined) return badArguments('RENAME', args);
    const outcome = await session.mail.renameFolder({ from, to });
    if (outcome.kind === 'done' && from === 'INBOX' && session.maybeSelected?.name === 'INBOX') {
      session.unselect();
      session.out.untagged('OK [CLOSED] INBOX is another mailbox now: its messages have moved');
    }
    return done(outcome.kind === 'notAllowed' ? statuses.belowItself : folderStatus('RENAME', outcome));
  },
};
