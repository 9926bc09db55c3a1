/** Changes of accounts: add, password, suspend and resume, quota, remove. */
import type { Secret } from '../auth/secret.ts';
import { initialMailboxWrites } from '../mailbox/initial-mailboxes.ts';
import { queryAll, type Write } from '../ports/table.ts';
import { accountItem, domainOf, type Account, type AccountStatus } from './account.ts';
import { newAccountId } from './account-id.ts';
import { addressItem } from './address-entry.ts';
import { applyChange, planned, unchangedSince } from './apply-change.ts';
import type { DirectoryPorts } from './directory-ports.ts';
import { accountKey, addressKey, credentialPrefix, domainKey, joinedKey, memberKey } from './keys.ts';
import { accountPartition } from '../mailbox/keys.ts';
import { makePassword } from './new-password.ts';
import { readAccount, readAddress, readOpenDomain } from './read-address.ts';
import { isRefused, refuse, type Refused } from './refused.ts';

/** An account was changed; `generatedPassword` is to be shown once. */
export interface AccountChanged {
  readonly kind: 'done';
  readonly account: Account;
  readonly generatedPassword: Secret | undefined;
}

/** The address, the account and its first mailboxes, in one transaction; of two at once for one address, one wins. */
export async function addAccount(
  ports: DirectoryPorts,
  options: {
    readonly address: string;
    /** undefined: one is made. */
    readonly password?: Secret | undefined;
    /** undefined: no limit. */
    readonly quotaBytes?: number | undefined;
  },
): Promise<AccountChanged | Refused> {
  const address = readAddress(options.address);
  if (typeof address !== 'string') return address;
  const possible = await whyNotNew(ports, address);
  if (possible !== undefined) return possible;
  const password = await makePassword(ports, options.password);
  if (isRefused(password)) return password;
  return applyChange(ports, async () => {
    const domain = await readOpenDomain(ports.directory, domainOf(address));
    if (isRefused(domain)) return domain;
    const refused = await whyNotNew(ports, address);
    if (refused !== undefined) return refused;
    const nowMs = ports.clock.now();
    const createdAt = new Date(nowMs).toISOString();
    const account: Account = {
      id: newAccountId(ports.random),
      address,
      status: 'active',
      passwordVerifier: password.verifier,
      passwordChangedAt: createdAt,
      createdAt,
      revision: 1,
    };
    const { random, epoch } = ports;
    const mailboxes = initialMailboxWrites(account.id, {
      random,
      nowMs,
      epoch,
      quotaBytes: options.quotaBytes,
    });
    return planned(
      [
        { kind: 'check', key: domainKey(domain.name), condition: unchangedSince(domain) },
        ...accountWrites(account),
        ...mailboxes,
      ],
      { kind: 'done', account, generatedPassword: password.generated },
    );
  });
}

/** Why the address cannot be given to someone. */
export async function whyNotNew(
  { directory }: Pick<DirectoryPorts, 'directory'>,
  address: string,
): Promise<Refused | undefined> {
  const domain = await readOpenDomain(directory, domainOf(address));
  if (isRefused(domain)) return domain;
  const [entry] = await directory.findAddresses([address]);
  if (entry === undefined) return undefined;
  const what = { account: 'an account', alias: 'an alias', rejected: 'an address that refuses mail' }[
    entry.kind
  ];
  const show = entry.kind === 'account' ? `posta account show ${address}` : `posta alias list ${domain.name}`;
  return refuse(`${address} is here already, as ${what}.`, `See ${show}.`);
}

function accountWrites(account: Account): readonly Write[] {
  const { id: accountId, address, createdAt } = account;
  const domain = domainOf(address);
  return [
    {
      kind: 'put',
      item: addressItem({ kind: 'account', address, accountId, createdAt, revision: 1 }),
      condition: { kind: 'absent' },
    },
    { kind: 'put', item: accountItem(account), condition: { kind: 'absent' } },
    { kind: 'put', item: { ...memberKey(domain, address), address, accountId } },
    { kind: 'put', item: { ...joinedKey(domain, account), address, accountId } },
  ];
}

/** Sets the password; sessions of the account end. App passwords stay. */
export async function setPassword(
  ports: DirectoryPorts,
  options: { readonly address: string; readonly password?: Secret | undefined },
): Promise<AccountChanged | Refused> {
  const found = await readAccount(ports.directory, options.address);
  if (isRefused(found)) return found;
  const password = await makePassword(ports, options.password);
  if (isRefused(password)) return password;
  const passwordChangedAt = new Date(ports.clock.now()).toISOString();
  return changeAccount(ports, {
    address: options.address,
    changes: { passwordVerifier: password.verifier, passwordChangedAt },
    generatedPassword: password.generated,
  });
}

/** `suspended` ends its sessions. */
export function setAccountStatus(
  ports: DirectoryPorts,
  options: { readonly address: string; readonly status: AccountStatus },
): Promise<AccountChanged | Refused> {
  return changeAccount(ports, { address: options.address, changes: { status: options.status } });
}

async function changeAccount(
  ports: DirectoryPorts,
  change: {
    readonly address: string;
    readonly changes: Partial<Pick<Account, 'status' | 'passwordVerifier' | 'passwordChangedAt'>>;
    readonly generatedPassword?: Secret | undefined;
  },
): Promise<AccountChanged | Refused> {
  const result = await applyChange<AccountChanged>(ports, async () => {
    const before = await readAccount(ports.directory, change.address);
    if (isRefused(before)) return before;
    const account: Account = { ...before, ...change.changes, revision: before.revision + 1 };
    return planned([{ kind: 'put', item: accountItem(account), condition: unchangedSince(before) }], {
      kind: 'done',
      account,
      generatedPassword: change.generatedPassword,
    });
  });
  if (result.kind === 'done') await publishAccess(ports, result.account);
  return result;
}

/** undefined: no limit. A quota below what is stored only lets nothing more in. */
export async function setQuota(
  ports: DirectoryPorts,
  options: { readonly address: string; readonly quotaBytes: number | undefined },
): Promise<AccountChanged | Refused> {
  const account = await readAccount(ports.directory, options.address);
  if (isRefused(account)) return account;
  const outcome = await ports.mail.account(account.id).setQuota(options.quotaBytes);
  if (outcome.kind === 'gone')
    return refuse(
      `${account.address} is being removed.`,
      `Finish with posta account remove ${account.address}.`,
    );
  return { kind: 'done', account, generatedPassword: undefined };
}

/**
 * First the mail is marked as removed, then the address is freed: if it stops between the two, the same again finishes
 * it, and no mail is left that nobody knows of. Sessions end; the sweep deletes what the account held.
 */
export async function removeAccount(
  ports: DirectoryPorts,
  address: string,
): Promise<AccountChanged | Refused> {
  const found = await readAccount(ports.directory, address);
  if (isRefused(found)) return found;
  const inUse = await whyInUse(ports, found.address);
  if (inUse !== undefined) return inUse;
  await ports.mail.account(found.id).remove();
  const result = await applyChange<AccountChanged>(ports, async () => {
    const account = await ports.directory.findAccount(found.id);
    if (account === undefined)
      return planned([], { kind: 'done', account: found, generatedPassword: undefined });
    return planned(await removalWrites(ports, account), {
      kind: 'done',
      account,
      generatedPassword: undefined,
    });
  });
  await publishAccess(ports, found);
  return result;
}

/** Why an address cannot go: its domain's mail depends on it. */
export async function whyInUse(
  { directory }: Pick<DirectoryPorts, 'directory'>,
  address: string,
): Promise<Refused | undefined> {
  const domain = await directory.findDomain(domainOf(address));
  if (domain === undefined || domain.status === 'removing') return undefined;
  for (const [what, option] of [
    ['catchAll', '--catch-all'],
    ['postmaster', '--postmaster'],
  ] as const)
    if (domain[what] === address)
      return refuse(
        `${address} gets the mail of ${what === 'catchAll' ? `all other addresses of ${domain.name}` : `postmaster@${domain.name}`}.`,
        `Name another first: posta domain set ${domain.name} ${option} ADDRESS`,
      );
  return undefined;
}

async function removalWrites({ table }: DirectoryPorts, account: Account): Promise<readonly Write[]> {
  const { id, address } = account;
  const domain = domainOf(address);
  const writes: Write[] = [
    { kind: 'delete', key: accountKey(id), condition: unchangedSince(account) },
    {
      kind: 'delete',
      key: addressKey(address),
      condition: { kind: 'equals', attribute: 'accountId', value: id },
    },
    { kind: 'delete', key: memberKey(domain, address) },
    { kind: 'delete', key: joinedKey(domain, account) },
  ];
  for await (const { pk, sk } of queryAll(table, { pk: accountPartition(id), prefix: credentialPrefix }))
    writes.push({ kind: 'delete', key: { pk, sk } });
  return writes;
}

/** Sessions of the account look again whether they may stay. */
export function publishAccess({ wake }: Pick<DirectoryPorts, 'wake'>, account: Account): Promise<void> {
  return wake.publish([{ kind: 'access', account: account.id }]);
}
