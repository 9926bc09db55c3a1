/**
 * LSUB (RFC 3501 section 6.3.9): what the user has subscribed to, whether there is such a mailbox or not.
 *
 * `\Noselect` has both of its meanings. A level that `%` shows only for what is subscribed below it has it, though it
 * may be a mailbox: so the RFC wants it. A subscription whose mailbox is gone has it too: the name cannot be selected,
 * and a client that opens what it is shown would only meet a NO.
 */
import { badArguments, done, loggedIn, type Command } from '../command.ts';
import type { ListItem } from '../list/list-option.ts';
import { tellList } from '../list/tell-list.ts';
import { completed, statuses } from '../status.ts';
import { listPattern } from '../syntax/list-pattern.ts';
import { mailbox } from '../syntax/mailbox-name.ts';

export const lsubCommand: Command = {
  name: 'LSUB',
  rfcs: ['RFC 3501 section 6.3.9'],
  states: loggedIn,
  async run(session, args) {
    args.space();
    const reference = mailbox(args);
    args.space();
    const pattern = listPattern(args, reference);
    if (!args.end() || pattern === undefined) return badArguments('LSUB', args);
    const list = await session.mail.listFolders();
    if (list.kind !== 'folders') return done(statuses.noSuchMailbox);
    await tellList(session, {
      response: 'LSUB',
      list,
      request: {
        patterns: [pattern],
        selects: ({ subscribed }) => subscribed,
        recursive: pattern.showsLevels,
      },
      items: [noSelect],
    });
    return done(completed('LSUB'));
  },
};

const noSelect: ListItem = {
  attributes: ({ selected, folder }) => (selected && folder?.mailbox !== undefined ? [] : ['\\Noselect']),
};
