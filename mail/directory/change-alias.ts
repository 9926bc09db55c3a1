/** Changes of aliases: addresses whose mail goes to others here, and of addresses that refuse mail. */
import type { Write } from '../ports/table.ts';
import { domainOf } from './account.ts';
import { addressItem, type AddressEntry } from './address-entry.ts';
import { applyChange, planned, unchangedSince, type Planned } from './apply-change.ts';
import { whyInUse, whyNotNew } from './change-account.ts';
import { checkTarget, refuseMissing } from './check-target.ts';
import type { Directory } from './directory.ts';
import type { DirectoryPorts } from './directory-ports.ts';
import { addressKey, domainKey, memberKey } from './keys.ts';
import { readAddress, readOpenDomain } from './read-address.ts';
import { isRefused, refuse, type Refused } from './refused.ts';

/** Targets of one alias; more of them are a mailing list. An item holds them all. */
export const maxAliasTargets = 500;
/** Aliases followed to see that none leads back to where it came from. */
const maxFollowed = 1000;

/** An address that no account has of its own. */
export type AliasEntry = Exclude<AddressEntry, { readonly kind: 'account' }>;

export interface AliasChanged {
  readonly kind: 'done';
  readonly alias: AliasEntry;
  /** What an admin should know, a sentence each: targets that nobody has yet. */
  readonly warnings: readonly string[];
}

export interface AliasOptions {
  readonly address: string;
  /** At least one; where the mail goes. */
  readonly targets: readonly string[];
  /** Takes targets that nobody here has yet, with a warning: to be added later. */
  readonly allowMissing?: boolean | undefined;
}

export async function addAlias(
  ports: DirectoryPorts,
  options: AliasOptions,
): Promise<AliasChanged | Refused> {
  const address = readAddress(options.address);
  if (typeof address !== 'string') return address;
  return applyChange<AliasChanged>(ports, async () => {
    const checked = await checkTargets(ports, address, options);
    if (isRefused(checked)) return checked;
    const createdAt = new Date(ports.clock.now()).toISOString();
    const { targets, warnings } = checked;
    const alias: AliasEntry = { kind: 'alias', address, targets, createdAt, revision: 1 };
    return planEntry(ports, alias, warnings);
  });
}

/** An address that refuses mail, for a reason that its sender is told; it goes by `removeAlias`. */
export async function addRejection(
  ports: DirectoryPorts,
  options: { readonly address: string; readonly reason?: string | undefined },
): Promise<AliasChanged | Refused> {
  const address = readAddress(options.address);
  if (typeof address !== 'string') return address;
  const { reason } = options;
  if (reason !== undefined && !/^[\x20-\x7e]{1,200}$/.test(reason))
    return refuse('The reason is one line of at most 200 ASCII characters.', 'It goes into a reply of SMTP.');
  return applyChange<AliasChanged>(ports, async () => {
    const createdAt = new Date(ports.clock.now()).toISOString();
    return planEntry(ports, { kind: 'rejected', address, reason, createdAt, revision: 1 }, []);
  });
}

async function planEntry(
  { directory }: DirectoryPorts,
  alias: AliasEntry,
  warnings: readonly string[],
): Promise<Planned<AliasChanged> | Refused> {
  const { address } = alias;
  const refused = await whyNotNew({ directory }, address);
  if (refused !== undefined) return refused;
  const domain = await readOpenDomain(directory, domainOf(address));
  if (isRefused(domain)) return domain;
  const writes: Write[] = [
    { kind: 'check', key: domainKey(domain.name), condition: unchangedSince(domain) },
    { kind: 'put', item: addressItem(alias), condition: { kind: 'absent' } },
    { kind: 'put', item: { ...memberKey(domain.name, address), address } },
  ];
  return planned(writes, { kind: 'done', alias, warnings });
}

/** Other targets in place of all that it had. */
export async function setAlias(
  ports: DirectoryPorts,
  options: AliasOptions,
): Promise<AliasChanged | Refused> {
  return applyChange<AliasChanged>(ports, async () => {
    const before = await findAlias(ports.directory, options.address);
    if (isRefused(before)) return before;
    const checked = await checkTargets(ports, before.address, options);
    if (isRefused(checked)) return checked;
    const { address, createdAt } = before;
    const { targets } = checked;
    const alias: AliasEntry = { kind: 'alias', address, targets, createdAt, revision: before.revision + 1 };
    return planned([{ kind: 'put', item: addressItem(alias), condition: unchangedSince(before) }], {
      kind: 'done',
      alias,
      warnings: checked.warnings,
    });
  });
}

export async function removeAlias(ports: DirectoryPorts, text: string): Promise<AliasChanged | Refused> {
  return applyChange<AliasChanged>(ports, async () => {
    const alias = await findAlias(ports.directory, text);
    if (isRefused(alias)) return alias;
    const inUse = await whyInUse(ports, alias.address);
    if (inUse !== undefined) return inUse;
    const { address } = alias;
    return planned(
      [
        { kind: 'delete', key: addressKey(address), condition: unchangedSince(alias) },
        { kind: 'delete', key: memberKey(domainOf(address), address) },
      ],
      { kind: 'done', alias, warnings: [] },
    );
  });
}

async function findAlias(directory: Directory, text: string): Promise<AliasEntry | Refused> {
  const address = readAddress(text);
  if (typeof address !== 'string') return address;
  const [entry] = await directory.findAddresses([address]);
  if (entry !== undefined && entry.kind !== 'account') return entry;
  return entry !== undefined
    ? refuse(`${address} is an account, not an alias.`, `See posta account show ${address}.`)
    : refuse(`There is no alias ${address}.`, `See posta alias list ${domainOf(address)}.`);
}

async function checkTargets(
  ports: DirectoryPorts,
  address: string,
  options: AliasOptions,
): Promise<{ readonly targets: readonly string[]; readonly warnings: readonly string[] } | Refused> {
  if (options.targets.length === 0)
    return refuse('An alias needs a target.', `Name one: posta alias add ${address} TARGET`);
  if (options.targets.length > maxAliasTargets)
    return refuse(
      `An alias has at most ${maxAliasTargets} targets.`,
      'Put some behind an alias of their own.',
    );
  const targets = new Set<string>();
  const warnings: string[] = [];
  for (const text of options.targets) {
    const target = await checkTarget(ports, text);
    if (isRefused(target)) return target;
    if (target.missing && options.allowMissing !== true && target.address !== address)
      return refuseMissing(target.address, 'Or add the alias all the same with --force.');
    if (target.missing) warnings.push(`Nobody here has the address ${target.address} yet.`);
    targets.add(target.address);
  }
  if (await leadsTo(ports.directory, { from: targets, to: address }))
    return refuse(`The alias ${address} would lead back to itself.`, 'Take the target out that leads to it.');
  return { targets: [...targets], warnings };
}

/** Whether mail for one of `from` comes to the alias `to` over other aliases. */
async function leadsTo(
  directory: Directory,
  { from, to }: { readonly from: ReadonlySet<string>; readonly to: string },
): Promise<boolean> {
  const seen = new Set(from);
  let level = [...from];
  while (level.length > 0 && seen.size <= maxFollowed) {
    if (seen.has(to)) return true;
    const entries = await directory.findAddresses(level);
    level = entries
      .flatMap((entry) => (entry?.kind === 'alias' ? entry.targets : []))
      .filter((target) => !seen.has(target));
    for (const target of level) seen.add(target);
  }
  return seen.has(to);
}
