/** The commands of RFC 3501; those that an extension adds are with it. */
import type { Command } from './command.ts';
import { appendCommand } from './commands/append.ts';
import { authenticateCommand } from './commands/authenticate.ts';
import { capabilityCommand } from './commands/capability.ts';
import { checkCommand } from './commands/check.ts';
import { closeCommand } from './commands/close.ts';
import { copyCommand, uidCopyCommand } from './commands/copy.ts';
import { createCommand } from './commands/create.ts';
import { deleteCommand } from './commands/delete.ts';
import { expungeCommand } from './commands/expunge.ts';
import { fetchCommand, uidFetchCommand } from './commands/fetch.ts';
import { listCommand } from './commands/list.ts';
import { loginCommand } from './commands/login.ts';
import { logoutCommand } from './commands/logout.ts';
import { lsubCommand } from './commands/lsub.ts';
import { noopCommand } from './commands/noop.ts';
import { renameCommand } from './commands/rename.ts';
import { searchCommand, uidSearchCommand } from './commands/search.ts';
import { examineCommand, selectCommand } from './commands/select.ts';
import { starttlsCommand } from './commands/starttls.ts';
import { statusCommand } from './commands/status.ts';
import { storeCommand, uidStoreCommand } from './commands/store.ts';
import { subscribeCommand, unsubscribeCommand } from './commands/subscribe.ts';

export const baseCommands: readonly Command[] = [
  capabilityCommand,
  noopCommand,
  logoutCommand,
  starttlsCommand,
  authenticateCommand,
  loginCommand,
  selectCommand,
  examineCommand,
  createCommand,
  deleteCommand,
  renameCommand,
  subscribeCommand,
  unsubscribeCommand,
  listCommand,
  lsubCommand,
  statusCommand,
  appendCommand,
  checkCommand,
  closeCommand,
  expungeCommand,
  fetchCommand,
  uidFetchCommand,
  searchCommand,
  uidSearchCommand,
  storeCommand,
  uidStoreCommand,
  copyCommand,
  uidCopyCommand,
];
