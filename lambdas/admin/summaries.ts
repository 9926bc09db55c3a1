/** What an admin is shown: plain values, with the names that `--json` prints, and nothing of a password's verifier. */
import type { Account } from '../../mail/directory/account.ts';
import type { AliasEntry } from '../../mail/directory/change-alias.ts';
import type { Credential } from '../../mail/directory/credential.ts';
import type { DirectoryPorts } from '../../mail/directory/directory-ports.ts';
import type { Domain } from '../../mail/directory/domain.ts';

/** Dates are ISO 8601, UTC; null: not set. */
export interface DomainSummary {
  readonly domain: string;
  readonly status: Domain['status'];
  readonly catchAll: string | null;
  /** null: the domain's first account. */
  readonly postmaster: string | null;
  readonly createdAt: string;
}

export function summarizeDomain(domain: Domain): DomainSummary {
  const { name, status, catchAll = null, postmaster = null, createdAt } = domain;
  return { domain: name, status, catchAll, postmaster, createdAt };
}

export interface AccountSummary {
  readonly address: string;
  readonly id: string;
  readonly status: Account['status'];
  /** Octets of all its messages. */
  readonly usedBytes: number;
  readonly messages: number;
  /** null: no limit. */
  readonly quotaBytes: number | null;
  readonly createdAt: string;
  readonly passwordChangedAt: string;
}

/** Reads what the account holds. */
export async function summarizeAccount(
  { mail }: Pick<DirectoryPorts, 'mail'>,
  account: Account,
): Promise<AccountSummary> {
  const { id, address, status, createdAt, passwordChangedAt } = account;
  const usage = await mail.account(id).usage();
  const { bytes, messages, quotaBytes } =
    usage.kind === 'usage' ? usage : { bytes: 0, messages: 0, quotaBytes: undefined };
  return {
    address,
    id,
    status,
    usedBytes: bytes,
    messages,
    quotaBytes: quotaBytes ?? null,
    createdAt,
    passwordChangedAt,
  };
}

export interface AliasSummary {
  readonly address: string;
  /** None: it refuses mail. */
  readonly targets: readonly string[];
  readonly refusesMail: boolean;
  readonly createdAt: string;
}

export function summarizeAlias(alias: AliasEntry): AliasSummary {
  const { address, createdAt } = alias;
  const targets = alias.kind === 'alias' ? alias.targets : [];
  return { address, targets, refusesMail: alias.kind === 'rejected', createdAt };
}

export interface CredentialSummary {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  /** To the minute, roughly. */
  readonly lastUsedAt: string | null;
}

export function summarizeCredential(credential: Credential): CredentialSummary {
  const { name, scopes, createdAt, lastUsedAt = null } = credential;
  return { name, scopes, createdAt, lastUsedAt };
}
