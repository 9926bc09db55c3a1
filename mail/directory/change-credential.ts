/** Changes of app passwords: one for each device or program, so that a lost phone does not cost the account's own. */
import type { Scope } from '../auth/authenticator.ts';
import { generatePassword, normalizeGenerated } from '../auth/generated-password.ts';
import { maxCredentials } from '../auth/limits.ts';
import { hashGenerated } from '../auth/password.ts';
import type { Secret } from '../auth/secret.ts';
import { accountItem, type Account } from './account.ts';
import { applyChange, planned, unchangedSince } from './apply-change.ts';
import { publishAccess } from './change-account.ts';
import { allScopes, credentialItem, parseCredentialName, type Credential } from './credential.ts';
import type { DirectoryPorts } from './directory-ports.ts';
import { credentialKey } from './keys.ts';
import { readAccount } from './read-address.ts';
import { isRefused, refuse, type Refused } from './refused.ts';

export interface CredentialAdded {
  readonly kind: 'done';
  readonly account: Account;
  readonly credential: Credential;
  /** Shown once; only its hash is kept. */
  readonly password: Secret;
}

/** Makes an app password; it is always generated, never chosen. */
export async function addCredential(
  ports: DirectoryPorts,
  options: {
    readonly address: string;
    readonly name: string;
    /** undefined: all. */
    readonly scopes?: readonly Scope[] | undefined;
  },
): Promise<CredentialAdded | Refused> {
  const name = readName(options.name);
  if (isRefused(name)) return name;
  const scopes = allScopes.filter((scope) => options.scopes?.includes(scope) ?? true);
  if (scopes.length === 0)
    return refuse('An app password is good for something.', `Name scopes among ${allScopes.join(', ')}.`);
  const password = generatePassword();
  const verifier = hashGenerated(normalizeGenerated(password) ?? '');
  return applyChange<CredentialAdded>(ports, async () => {
    const account = await readAccount(ports.directory, options.address);
    if (isRefused(account)) return account;
    const there = await ports.directory.listCredentials(account.id);
    if (there.some((credential) => credential.name === name.text))
      return refuse(
        `${account.address} has an app password "${name.text}" already.`,
        'Choose another name, or remove that one first.',
      );
    if (there.length >= maxCredentials)
      return refuse(
        `An account has at most ${maxCredentials} app passwords.`,
        `Remove one that is not used: posta credential list ${account.address}`,
      );
    const createdAt = new Date(ports.clock.now()).toISOString();
    const credential: Credential = {
      name: name.text,
      scopes,
      verifier,
      createdAt,
      lastUsedAt: undefined,
      revision: 1,
    };
    return planned(
      [
        // The account's revision rises, so that two at once cannot both be the last that there is room for.
        {
          kind: 'put',
          item: accountItem({ ...account, revision: account.revision + 1 }),
          condition: unchangedSince(account),
        },
        { kind: 'put', item: credentialItem(account.id, credential), condition: { kind: 'absent' } },
      ],
      { kind: 'done', account, credential, password },
    );
  });
}

/** Removes it; the account's sessions end, those of other passwords log in again. */
export async function removeCredential(
  ports: DirectoryPorts,
  options: { readonly address: string; readonly name: string },
): Promise<{ readonly kind: 'done'; readonly account: Account } | Refused> {
  const name = readName(options.name);
  if (isRefused(name)) return name;
  const result = await applyChange(ports, async () => {
    const account = await readAccount(ports.directory, options.address);
    if (isRefused(account)) return account;
    const there = await ports.directory.listCredentials(account.id);
    if (!there.some((credential) => credential.name === name.text))
      return refuse(
        `${account.address} has no app password "${name.text}".`,
        `See posta credential list ${account.address}.`,
      );
    return planned(
      [
        {
          kind: 'delete',
          key: credentialKey(account.id, name.text),
          condition: { kind: 'present' },
        },
      ],
      { kind: 'done', account } as const,
    );
  });
  if (result.kind === 'done') await publishAccess(ports, result.account);
  return result;
}

function readName(text: string): { readonly kind: 'name'; readonly text: string } | Refused {
  const name = parseCredentialName(text);
  return name === undefined
    ? refuse(
        'The name of an app password has 1 to 64 letters, digits, spaces, dots, hyphens or underscores.',
        'Call it after the device, such as phone.',
      )
    : { kind: 'name', text: name };
}
