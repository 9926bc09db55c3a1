/** Changes of domains: add, set, remove. */
import type { Refused } from './refused.ts';
import { isRefused, refuse } from './refused.ts';
import { applyChange, planned, unchangedSince } from './apply-change.ts';
import { checkTarget, refuseMissing } from './check-target.ts';
import type { DirectoryPorts } from './directory-ports.ts';
import { domainItem, type Domain } from './domain.ts';
import { domainKey, domainListKey } from './keys.ts';
import { readDomainName } from './read-address.ts';

/** More are refused: a list of all of them is read at times. */
export const maxDomains = 10_000;

export interface DomainAdded {
  readonly kind: 'done';
  readonly domain: Domain;
}

export async function addDomain(ports: DirectoryPorts, text: string): Promise<DomainAdded | Refused> {
  const name = readDomainName(text);
  if (typeof name !== 'string') return name;
  return applyChange(ports, async () => {
    if ((await ports.directory.findDomain(name)) !== undefined)
      return refuse(`${name} is here already.`, `See posta domain list.`);
    if ((await ports.directory.listDomainNames(maxDomains)).length >= maxDomains)
      return refuse(`A server has at most ${maxDomains} domains.`, 'Remove one that is not used.');
    const createdAt = new Date(ports.clock.now()).toISOString();
    const domain: Domain = {
      name,
      status: 'active',
      catchAll: undefined,
      postmaster: undefined,
      createdAt,
      revision: 1,
    };
    return planned(
      [
        { kind: 'put', item: domainItem(domain), condition: { kind: 'absent' } },
        { kind: 'put', item: { ...domainListKey(createdAt, name), domain: name } },
      ],
      { kind: 'done', domain },
    );
  });
}

/** What is not given stays; null takes a setting away. */
export interface DomainSettings {
  readonly catchAll?: string | null | undefined;
  readonly postmaster?: string | null | undefined;
  readonly status?: 'active' | 'suspended' | undefined;
}

export async function setDomain(
  ports: DirectoryPorts,
  text: string,
  settings: DomainSettings,
): Promise<DomainAdded | Refused> {
  return applyChange(ports, async () => {
    const before = await findOurs(ports, text);
    if (isRefused(before)) return before;
    const catchAll = await readSetting(ports, before.catchAll, settings.catchAll);
    if (isRefused(catchAll)) return catchAll;
    const postmaster = await readSetting(ports, before.postmaster, settings.postmaster);
    if (isRefused(postmaster)) return postmaster;
    const domain: Domain = {
      ...before,
      catchAll: catchAll.address,
      postmaster: postmaster.address,
      status: settings.status ?? before.status,
      revision: before.revision + 1,
    };
    return planned([{ kind: 'put', item: domainItem(domain), condition: unchangedSince(before) }], {
      kind: 'done',
      domain,
    });
  });
}

async function readSetting(
  ports: DirectoryPorts,
  before: string | undefined,
  setting: string | null | undefined,
): Promise<{ readonly address: string | undefined } | Refused> {
  if (setting === undefined) return { address: before };
  if (setting === null) return { address: undefined };
  const target = await checkTarget(ports, setting);
  if (isRefused(target)) return target;
  return target.missing ? refuseMissing(target.address, '') : { address: target.address };
}

/** A domain of ours, as an admin names it. */
export async function findOurs({ directory }: DirectoryPorts, text: string): Promise<Domain | Refused> {
  const name = readDomainName(text);
  if (typeof name !== 'string') return name;
  return (
    (await directory.findDomain(name)) ??
    refuse(`${name} is no domain of this server.`, 'See posta domain list.')
  );
}

/**
 * The first step of removing a domain: from now on nothing is added to it. Mail still comes to what it has, so nothing
 * is lost when the removal stops here.
 */
export async function closeDomain(ports: DirectoryPorts, text: string): Promise<DomainAdded | Refused> {
  return applyChange(ports, async () => {
    const before = await findOurs(ports, text);
    if (isRefused(before)) return before;
    const domain: Domain = { ...before, status: 'removing', revision: before.revision + 1 };
    const done: DomainAdded = { kind: 'done', domain: { ...domain, status: before.status } };
    return planned([{ kind: 'put', item: domainItem(domain), condition: unchangedSince(before) }], done);
  });
}

/** The last step: the domain, which has nothing any more. Its status is `removing`, so nothing can have been added. */
export async function deleteClosedDomain(
  ports: DirectoryPorts,
  name: string,
): Promise<{ readonly kind: 'done' } | Refused> {
  return applyChange(ports, async () => {
    const domain = await findOurs(ports, name);
    if (isRefused(domain)) return domain;
    if (domain.status !== 'removing')
      return refuse(`${name} was taken into use again meanwhile.`, 'Remove it again if you mean it.');
    return planned(
      [
        { kind: 'delete', key: domainKey(name), condition: unchangedSince(domain) },
        { kind: 'delete', key: domainListKey(domain.createdAt, name) },
      ],
      { kind: 'done' },
    );
  });
}
