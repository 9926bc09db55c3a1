/**
 * SUBSCRIBE and UNSUBSCRIBE (RFC 3501 sections 6.3.6, 6.3.7): to any name that a mailbox can have, whether there is one
 * or not, so that what a client renames or moves it can subscribe to in any order.
 */
import { badArguments, done, loggedIn, type Command } from '../command.ts';
import { folderStatus } from '../folder-status.ts';
import { statuses } from '../status.ts';
import { mailbox } from '../syntax/mailbox-name.ts';

export const subscribeCommand = command('SUBSCRIBE');
export const unsubscribeCommand = command('UNSUBSCRIBE');

function command(name: 'SUBSCRIBE' | 'UNSUBSCRIBE'): Command {
  const operation = name === 'SUBSCRIBE' ? 'subscribe' : 'unsubscribe';
  return {
    name,
    rfcs: [`RFC 3501 section 6.3.${name === 'SUBSCRIBE' ? 6 : 7}`],
    states: loggedIn,
    async run(session, args) {
      args.space();
      const subscription = mailbox(args);
      if (!args.end() || subscription === undefined) return badArguments(name, args);
      const outcome = await session.mail[operation](subscription);
      return done(outcome.kind === 'tooMany' ? statuses.tooManySubscriptions : folderStatus(name, outcome));
    },
  };
}
