/** STATUS (RFC 3501 section 6.3.10): the items are the registry's. */
import { folderNamed } from '../../mailbox/folder-named.ts';
import type { MailboxStatus } from '../../mailbox/mail-store.ts';
import { badArguments, done, loggedIn, type Command } from '../command.ts';
import type { Session } from '../session.ts';
import type { StatusItem } from '../status-item.ts';
import { completed, statuses } from '../status.ts';
import { formatMailbox, mailbox } from '../syntax/mailbox-name.ts';
import type { Scanner } from '../syntax/scanner.ts';
import { recentCount } from '../tell-changes.ts';

export const statusCommand: Command = {
  name: 'STATUS',
  rfcs: ['RFC 3501 section 6.3.10'],
  states: loggedIn,
  async run(session, args) {
    args.space();
    const name = mailbox(args);
    args.space();
    const items = statusItems(args, session);
    if (!args.end() || name === undefined || items === undefined) return badArguments('STATUS', args);
    for (const { asked } of items) asked?.(session);
    // One read where nothing has changed: clients ask for one mailbox after the other.
    const list = await session.mail.listFolders();
    const status = list.kind === 'folders' ? folderNamed(list, name)?.status : undefined;
    if (status === undefined) return done(statuses.noSuchMailbox);
    await tellStatus(session, { name, status, items });
    return done(completed('STATUS'));
  },
};

/** `(` status-att … `)`. */
export function statusItems(args: Scanner, { registry }: Session): readonly StatusItem[] | undefined {
  const what = 'a list of status items';
  const item = () => {
    const name = args.word(what);
    return (name === undefined ? undefined : registry.statusItems.get(name)) ?? args.fail('a status item');
  };
  return args.list(item, { what });
}

/** The STATUS response (RFC 3501 section 7.2.4), for the name that the client uses. */
async function tellStatus(
  session: Session,
  told: { readonly name: string; readonly status: MailboxStatus; readonly items: readonly StatusItem[] },
): Promise<void> {
  const { name, status, items } = told;
  const recent = items.some(({ needsRecent }) => needsRecent === true) ? await recentOf(session, status) : 0;
  const values = items.map((item) => `${item.name} ${item.value(status, { recent })}`);
  session.out.untagged(`STATUS ${formatMailbox(name)} (${values.join(' ')})`);
}

/** In the selected mailbox what is recent in this session; it is told of what is new there, and claims it, right after. */
function recentOf(session: Session, status: MailboxStatus): number | Promise<number> {
  return session.maybeSelected?.mailbox === status.mailbox
    ? recentCount(session)
    : session.mail.recentCount(status);
}
