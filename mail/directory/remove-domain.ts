/** Removing a domain: only when nothing is in it, or, by force, with all that is. */
import { removeAccount } from './change-account.ts';
import { removeAlias } from './change-alias.ts';
import { closeDomain, deleteClosedDomain, setDomain } from './change-domain.ts';
import type { DirectoryPorts } from './directory-ports.ts';
import { isRefused, refuse, type Refused } from './refused.ts';

/** Addresses removed between two reads of the list. */
const batch = 100;

export interface DomainRemoved {
  readonly kind: 'done';
  readonly domain: string;
  readonly accountsRemoved: number;
  readonly aliasesRemoved: number;
}

/**
 * Closed first, so that nothing is added while it is looked at; taken into use again when it is not empty. Stopped
 * halfway, it stays closed, and the same again goes on.
 */
export async function removeDomain(
  ports: DirectoryPorts,
  options: { readonly domain: string; readonly force?: boolean | undefined },
): Promise<DomainRemoved | Refused> {
  const closed = await closeDomain(ports, options.domain);
  if (isRefused(closed)) return closed;
  const { name, status } = closed.domain;
  if (options.force !== true && (await ports.directory.listMembers(name, { limit: 1 })).length > 0) {
    if (status !== 'removing') await setDomain(ports, name, { status });
    return refuse(
      `${name} has accounts or aliases.`,
      `Remove them first, or with all their mail: posta domain remove --force ${name}`,
    );
  }
  let accountsRemoved = 0;
  let aliasesRemoved = 0;
  for (;;) {
    const members = await ports.directory.listMembers(name, { limit: batch });
    if (members.length === 0) break;
    for (const { address, accountId } of members) {
      const removed = await (accountId === undefined ? removeAlias : removeAccount)(ports, address);
      if (isRefused(removed)) return removed;
      if (accountId === undefined) aliasesRemoved += 1;
      else accountsRemoved += 1;
    }
  }
  const deleted = await deleteClosedDomain(ports, name);
  return isRefused(deleted) ? deleted : { kind: 'done', domain: name, accountsRemoved, aliasesRemoved };
}
