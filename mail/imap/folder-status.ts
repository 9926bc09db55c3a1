/** How a change of the folders is answered. */
import type { FolderOutcome } from '../mailbox/outcome.ts';
import { completed, statuses, type Status } from './status.ts';

/** Commands answer themselves where they know better what went wrong. */
export function folderStatus(command: string, outcome: FolderOutcome): Status {
  switch (outcome.kind) {
    case 'done':
      return completed(command);
    case 'gone':
    case 'noSuchMailbox':
      return statuses.noSuchMailbox;
    case 'exists':
      return statuses.mailboxExists;
    case 'badName':
      return statuses.badMailboxName;
    case 'tooMany':
      return statuses.tooManyMailboxes;
    case 'hasChildren':
      return statuses.hasChildren;
    case 'specialUseTaken':
      return statuses.useTaken;
    case 'notAllowed':
      return statuses.notAllowed;
    default:
      return outcome satisfies never;
  }
}
