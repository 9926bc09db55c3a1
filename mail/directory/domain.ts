/** A domain whose mail is ours. */
import { numberOf, optionalStringOf, stringOf } from '../mailbox/attributes.ts';
import { DamagedItem } from '../mailbox/types.ts';
import type { Item } from '../ports/table.ts';
import { domainKey } from './keys.ts';

/**
 * `suspended`: nobody of it logs in, and it takes no mail. `removing`: as active, but nothing is added to it: a removal
 * is under way, or ended halfway.
 */
export type DomainStatus = 'active' | 'suspended' | 'removing';

export interface Domain {
  /** Canonical: lower case, A-labels. */
  readonly name: string;
  readonly status: DomainStatus;
  /** The canonical address that gets mail for addresses of the domain that are not there. */
  readonly catchAll: string | undefined;
  /** The canonical address that gets mail for postmaster and abuse; undefined: the domain's first account. */
  readonly postmaster: string | undefined;
  /** ISO 8601, UTC; as all dates here. */
  readonly createdAt: string;
  /** Raised by each write: the condition of the next. */
  readonly revision: number;
}

export function domainItem(domain: Domain): Item {
  const { name, status, catchAll, postmaster, createdAt, revision } = domain;
  return {
    ...domainKey(name),
    domain: name,
    status,
    ...(catchAll === undefined ? {} : { catchAll }),
    ...(postmaster === undefined ? {} : { postmaster }),
    createdAt,
    revision,
  };
}

/** Reads it; throws `DamagedItem`. */
export function parseDomainItem(item: Item): Domain {
  return {
    name: stringOf(item, 'domain'),
    status: parseStatus(stringOf(item, 'status')),
    catchAll: optionalStringOf(item, 'catchAll'),
    postmaster: optionalStringOf(item, 'postmaster'),
    createdAt: stringOf(item, 'createdAt'),
    revision: numberOf(item, 'revision'),
  };
}

function parseStatus(text: string): DomainStatus {
  if (text === 'active' || text === 'suspended' || text === 'removing') return text;
  throw new DamagedItem('domain status');
}
