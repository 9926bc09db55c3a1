/** The admin's commands for accounts. */
import { z } from 'zod';
import type { Secret } from '../../mail/auth/secret.ts';
import {
  addAccount,
  removeAccount,
  setAccountStatus,
  setPassword,
  setQuota,
  type AccountChanged,
} from '../../mail/directory/change-account.ts';
import type { DirectoryPorts } from '../../mail/directory/directory-ports.ts';
import { findAliasesOf, listAccounts } from '../../mail/directory/listing.ts';
import { readAccount } from '../../mail/directory/read-address.ts';
import { isRefused, type Refused } from '../../mail/directory/refused.ts';
import { adminCommand, listInput, passwordInput, quotaInput, textInput } from './command.ts';
import {
  summarizeAccount,
  summarizeCredential,
  type AccountSummary,
  type CredentialSummary,
} from './summaries.ts';

export interface AccountDone {
  readonly kind: 'done';
  readonly account: AccountSummary;
  /** Made because none was given: to be revealed to the admin, once. */
  readonly password?: Secret;
}

async function summarized(
  ports: DirectoryPorts,
  result: AccountChanged | Refused,
): Promise<AccountDone | Refused> {
  if (isRefused(result)) return result;
  const done = { kind: 'done', account: await summarizeAccount(ports, result.account) } as const;
  const { generatedPassword } = result;
  return generatedPassword === undefined ? done : { ...done, password: generatedPassword };
}

const addressInput = z.strictObject({ address: textInput });

/** `account add`: without a password one is made. */
export const accountAdd = adminCommand({
  name: 'account add',
  input: addressInput.extend({ password: passwordInput.optional(), quotaBytes: quotaInput.optional() }),
  subject: ({ address }) => address,
  async run(ports, { address, password, quotaBytes }) {
    return summarized(
      ports,
      await addAccount(ports, { address, password, quotaBytes: quotaBytes ?? undefined }),
    );
  },
});

/** `account list`: a page; ask again with `after: next` until there is none. */
export const accountList = adminCommand({
  name: 'account list',
  input: listInput,
  subject: ({ domain }) => domain,
  async run(ports, options) {
    const page = await listAccounts(ports, options);
    if (isRefused(page)) return page;
    const accounts = await Promise.all(page.entries.map((account) => summarizeAccount(ports, account)));
    return { kind: 'done', accounts, next: page.next ?? null } as const;
  },
});

export interface AccountShown {
  readonly kind: 'done';
  readonly account: AccountSummary;
  readonly credentials: readonly CredentialSummary[];
  /** Addresses whose mail comes here too. */
  readonly aliases: readonly string[];
}

/** `account show`. */
export const accountShow = adminCommand({
  name: 'account show',
  input: addressInput,
  subject: ({ address }) => address,
  async run(ports, { address }): Promise<AccountShown | Refused> {
    const account = await readAccount(ports.directory, address);
    if (isRefused(account)) return account;
    const credentials = await ports.directory.listCredentials(account.id);
    return {
      kind: 'done',
      account: await summarizeAccount(ports, account),
      credentials: credentials.map(summarizeCredential),
      aliases: await findAliasesOf(ports, account.address),
    };
  },
});

/** `account password`: without a password one is made. Its sessions end. */
export const accountPassword = adminCommand({
  name: 'account password',
  input: addressInput.extend({ password: passwordInput.optional() }),
  subject: ({ address }) => address,
  run: async (ports, input) => summarized(ports, await setPassword(ports, input)),
});

/** `account suspend`: no login, no mail; what it has stays. */
export const accountSuspend = adminCommand({
  name: 'account suspend',
  input: addressInput,
  subject: ({ address }) => address,
  run: async (ports, { address }) =>
    summarized(ports, await setAccountStatus(ports, { address, status: 'suspended' })),
});

/** `account resume`: the end of `account suspend`. */
export const accountResume = adminCommand({
  name: 'account resume',
  input: addressInput,
  subject: ({ address }) => address,
  run: async (ports, { address }) =>
    summarized(ports, await setAccountStatus(ports, { address, status: 'active' })),
});

/** `account quota`: null, no limit. */
export const accountQuota = adminCommand({
  name: 'account quota',
  input: addressInput.extend({ quotaBytes: quotaInput }),
  subject: ({ address }) => address,
  run: async (ports, { address, quotaBytes }) =>
    summarized(ports, await setQuota(ports, { address, quotaBytes: quotaBytes ?? undefined })),
});

export interface AccountRemoved {
  readonly kind: 'done';
  readonly address: string;
  readonly id: string;
  /** Addresses that still send their mail there, and must be told where else. */
  readonly danglingAliases: readonly string[];
}

/** `account remove`: the address is free at once; its mail is deleted by the sweep. */
export const accountRemove = adminCommand({
  name: 'account remove',
  input: addressInput,
  subject: ({ address }) => address,
  async run(ports, { address }): Promise<AccountRemoved | Refused> {
    const result = await removeAccount(ports, address);
    if (isRefused(result)) return result;
    const { account } = result;
    const danglingAliases = await findAliasesOf(ports, account.address);
    return { kind: 'done', address: account.address, id: account.id, danglingAliases };
  },
});
