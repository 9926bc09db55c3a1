/** Every admin command by its name: for the Lambda, for forms in the console, and for `posta` against a deployment. */
import type { DirectoryPorts } from '../../mail/directory/directory-ports.ts';
import {
  accountAdd,
  accountList,
  accountPassword,
  accountQuota,
  accountRemove,
  accountResume,
  accountShow,
  accountSuspend,
} from './account-commands.ts';
import { aliasAdd, aliasList, aliasRefuse, aliasRemove, aliasSet } from './alias-commands.ts';
import type { AdminCommand } from './command.ts';
import { credentialAdd, credentialList, credentialRemove } from './credential-commands.ts';
import { domainAdd, domainList, domainRemove, domainSet } from './domain-commands.ts';
import { messageTrace, type MessagePorts } from './message-commands.ts';
import {
  queueHold,
  queueList,
  queueRelease,
  queueRemove,
  queueRetry,
  queueShow,
  type QueuePorts,
} from './queue-commands.ts';

import { suppressionAdd, suppressionList, suppressionRemove } from './suppression-commands.ts';

/** What one command or another needs. */
export type AdminPorts = DirectoryPorts & MessagePorts & QueuePorts;

/** Input is checked by the command itself, whatever it is. */
type AnyCommand = (ports: AdminPorts, input: unknown) => Promise<unknown>;

export const adminCommands: ReadonlyMap<string, AnyCommand> = new Map([
  entry(domainAdd),
  entry(domainSet),
  entry(domainList),
  entry(domainRemove),
  entry(accountAdd),
  entry(accountList),
  entry(accountShow),
  entry(accountPassword),
  entry(accountSuspend),
  entry(accountResume),
  entry(accountQuota),
  entry(accountRemove),
  entry(credentialAdd),
  entry(credentialList),
  entry(credentialRemove),
  entry(aliasAdd),
  entry(aliasSet),
  entry(aliasRefuse),
  entry(aliasList),
  entry(aliasRemove),
  entry(queueList),
  entry(queueShow),
  entry(queueRetry),
  entry(queueHold),
  entry(queueRelease),
  entry(queueRemove),
  entry(suppressionList),
  entry(suppressionAdd),
  entry(suppressionRemove),
  entry(messageTrace),
]);

function entry<Input, Result>(
  command: AdminCommand<Input, Result, AdminPorts>,
): readonly [string, AnyCommand] {
  return [command.called, (ports, input) => command(ports, input as Input)];
}
