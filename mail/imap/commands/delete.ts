/** DELETE (RFC 3501 section 6.3.4): a mailbox with others below it stays as `\Noselect`. */
import { badArguments, done, loggedIn, type Command } from '../command.ts';
import { folderStatus } from '../folder-status.ts';
import { statuses } from '../status.ts';
import { mailbox } from '../syntax/mailbox-name.ts';

/**
 * Who deletes the mailbox that is selected goes on in the authenticated state and is told so: RFC 3501 leaves it open.
 * Dovecot ends that session, as we end the other sessions that have it selected (RFC 2180 section 3.3); but this client
 * knows what it did, and would only connect anew.
 */
export const deleteCommand: Command = {
  name: 'DELETE',
  rfcs: ['RFC 3501 section 6.3.4'],
  states: loggedIn,
  async run(session, args) {
    args.space();
    const name = mailbox(args);
    if (!args.end() || name === undefined) return badArguments('DELETE', args);
    const outcome = await session.mail.deleteFolder(name);
    if (outcome.kind === 'notAllowed') return done(statuses.inboxStays);
    const { maybeSelected } = session;
    if (outcome.kind === 'done' && maybeSelected !== undefined && maybeSelected.mailbox === outcome.mailbox) {
      session.unselect();
      session.out.untagged('OK [CLOSED] The selected mailbox is deleted');
    }
    return done(folderStatus('DELETE', outcome));
  },
};
