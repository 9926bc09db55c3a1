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

export const adminCommands: ReadonlyMap<string, AnyCommand> = new Map(
  Object.entries({
    'domain add': any(domainAdd),
    'domain set': any(domainSet),
    'domain list': any(domainList),
    'domain remove': any(domainRemove),
    'account add': any(accountAdd),
    'account list': any(accountList),
    'account show': any(accountShow),
    'account password': any(accountPassword),
    'account suspend': any(accountSuspend),
    'account resume': any(accountResume),
    'account quota': any(accountQuota),
    'account remove': any(accountRemove),
    'credential add': any(credentialAdd),
    'credential list': any(credentialList),
    'credential remove': any(credentialRemove),
    'alias add': any(aliasAdd),
    'alias set': any(aliasSet),
    'alias refuse': any(aliasRefuse),
    'alias list': any(aliasList),
    'alias remove': any(aliasRemove),
    'queue list': any(queueList),
    'queue show': any(queueShow),
    'queue retry': any(queueRetry),
    'queue hold': any(queueHold),
    'queue release': any(queueRelease),
    'queue remove': any(queueRemove),
    'suppression list': any(suppressionList),
    'suppression add': any(suppressionAdd),
    'suppression remove': any(suppressionRemove),
    'message trace': any(messageTrace),
  }),
);

function any<Input, Result>(command: AdminCommand<Input, Result, AdminPorts>): AnyCommand {
  return (ports, input) => command(ports, input as Input);
}
