/** LIST and LSUB responses (RFC 3501 sections 7.2.2, 7.2.3). */
import { separator } from '../../mailbox/folder-name.ts';
import type { FolderList } from '../../mailbox/mail-store.ts';
import type { Session } from '../session.ts';
import { formatMailbox } from '../syntax/mailbox-name.ts';
import { listEntries } from './list-entry.ts';
import type { ListItem } from './list-option.ts';
import { listedNames, type ListRequest } from './listed-names.ts';

/** Tells of each name that the request shows: what each item has to say, in the order of the items. */
export async function tellList(
  session: Session,
  told: {
    readonly response: 'LIST' | 'LSUB';
    readonly list: FolderList;
    readonly request: ListRequest;
    readonly items: readonly ListItem[];
  },
): Promise<void> {
  const items = [...new Set(told.items)];
  for await (const listed of listedNames(listEntries(told.list), told.request)) {
    const attributes = items.flatMap((item) => item.attributes?.(listed) ?? []).join(' ');
    const extended = items.flatMap((item) => item.extended?.(listed) ?? []).join(' ');
    const behind = extended === '' ? '' : ` (${extended})`;
    session.out.untagged(
      `${told.response} (${attributes}) "${separator}" ${formatMailbox(listed.name)}${behind}`,
    );
    for (const item of items) await item.follow?.(listed, session);
    await session.out.ready();
  }
}
