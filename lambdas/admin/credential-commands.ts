/** The admin's commands for app passwords. */
import { z } from 'zod';
import type { Secret } from '../../mail/auth/secret.ts';
import { addCredential, removeCredential } from '../../mail/directory/change-credential.ts';
import { readAccount } from '../../mail/directory/read-address.ts';
import { isRefused, type Refused } from '../../mail/directory/refused.ts';
import { adminCommand, textInput } from './command.ts';
import { summarizeCredential, type CredentialSummary } from './summaries.ts';

export interface CredentialDone {
  readonly kind: 'done';
  readonly address: string;
  readonly credential: CredentialSummary;
  /** To be revealed to the admin, once. */
  readonly password: Secret;
}

/** `credential add`: the password is made here; without scopes it is good for all. */
export const credentialAdd = adminCommand({
  name: 'credential add',
  input: z.strictObject({
    address: textInput,
    name: textInput,
    scopes: z.array(z.enum(['send', 'imap', 'pop3'])).optional(),
  }),
  subject: ({ address }) => address,
  async run(ports, input): Promise<CredentialDone | Refused> {
    const result = await addCredential(ports, input);
    if (isRefused(result)) return result;
    const { account, credential, password } = result;
    return {
      kind: 'done',
      address: account.address,
      credential: summarizeCredential(credential),
      password,
    };
  },
});

/** `credential list`. */
export const credentialList = adminCommand({
  name: 'credential list',
  input: z.strictObject({ address: textInput }),
  subject: ({ address }) => address,
  async run(ports, { address }) {
    const account = await readAccount(ports.directory, address);
    if (isRefused(account)) return account;
    const credentials = await ports.directory.listCredentials(account.id);
    return {
      kind: 'done',
      address: account.address,
      credentials: credentials.map(summarizeCredential),
    } as const;
  },
});

/** `credential remove`: sessions of the account end; those of other passwords log in again. */
export const credentialRemove = adminCommand({
  name: 'credential remove',
  input: z.strictObject({ address: textInput, name: textInput }),
  subject: ({ address }) => address,
  async run(ports, input) {
    const result = await removeCredential(ports, input);
    if (isRefused(result)) return result;
    return { kind: 'done', address: result.account.address, name: input.name } as const;
  },
});
