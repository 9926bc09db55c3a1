/** An empty data directory gets its domains and two accounts, so that a newcomer can send a message at once. */
import { addAccount } from '../../mail/directory/change-account.ts';
import { addDomain } from '../../mail/directory/change-domain.ts';
import type { DirectoryPorts } from '../../mail/directory/directory-ports.ts';
import { isRefused } from '../../mail/directory/refused.ts';
import { CommandFailure } from '../failure.ts';
import type { Welcome } from './welcome.ts';

/** The two of the reference scenario: pepe writes, paco reads. */
const firstNames = ['pepe', 'paco'] as const;

/** What a data directory held when the server started: nothing, so that accounts were made; domains without an account; or accounts. */
export type FirstStart =
  | { readonly kind: 'made'; readonly welcome: Welcome }
  | { readonly kind: 'noAccount'; readonly domain: string }
  | { readonly kind: 'inUse' };

/** So many domains are asked whether they have an account. */
const domainsAsked = 20;

/** Makes the domains and the two accounts where there is no domain yet. */
export async function makeFirstAccounts(
  ports: DirectoryPorts,
  domains: readonly string[],
): Promise<FirstStart> {
  const [domain, ...more] = await ports.directory.listDomainNames(domainsAsked);
  if (domain !== undefined) {
    for (const name of [domain, ...more])
      if ((await ports.directory.listOldestAccounts(name, 1)).length > 0) return { kind: 'inUse' };
    return { kind: 'noAccount', domain };
  }
  for (const name of domains) succeeded(await addDomain(ports, name));
  const accounts = [];
  for (const name of firstNames) {
    const { account, generatedPassword } = succeeded(
      await addAccount(ports, { address: `${name}@${domains[0]}` }),
    );
    accounts.push({ address: account.address, password: generatedPassword?.reveal() ?? '' });
  }
  return { kind: 'made', welcome: { domains, accounts } };
}

function succeeded<Result>(result: Result): Exclude<Result, { readonly kind: 'refused' }> {
  if (isRefused(result)) throw new CommandFailure(`${result.reason} ${result.hint}`);
  return result as Exclude<Result, { readonly kind: 'refused' }>;
}
