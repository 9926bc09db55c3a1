/** `credential#<name>`: an app password, made for one device or program and for some uses only. */
import type { Scope } from '../auth/authenticator.ts';
import { numberOf, optionalStringOf, stringOf, stringsOf } from '../mailbox/attributes.ts';
import { DamagedItem, type AccountId } from '../mailbox/types.ts';
import type { Item } from '../ports/table.ts';
import { credentialKey } from './keys.ts';

/** All that a password can be used for. */
export const allScopes: readonly Scope[] = ['send', 'imap', 'pop3'];

export interface Credential {
  /** What its owner calls it, such as `phone`. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Of a generated password (`auth/password.ts`). */
  readonly verifier: string;
  readonly createdAt: string;
  /** To the minute, roughly; undefined: never. */
  readonly lastUsedAt: string | undefined;
  /** Raised by each write: the condition of the next. */
  readonly revision: number;
}

/** The scope that `text` names, or undefined. */
export function parseScope(text: string): Scope | undefined {
  return allScopes.find((scope) => scope === text);
}

/** The name of an app password in the form that is kept: 1 to 64 letters, digits, spaces, `.`, `_`, `-`; else undefined. */
export function parseCredentialName(text: string): string | undefined {
  const name = text.trim().normalize('NFC');
  return /^[\p{L}\p{N}][\p{L}\p{N}\p{M} ._-]*$/u.test(name) && name.length <= 64 ? name : undefined;
}

export function credentialItem(account: AccountId, credential: Credential): Item {
  const { name, scopes, verifier, createdAt, lastUsedAt, revision } = credential;
  return {
    ...credentialKey(account, name),
    name,
    scopes,
    verifier,
    createdAt,
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
    revision,
  };
}

/** Reads it; throws `DamagedItem`. */
export function parseCredentialItem(item: Item): Credential {
  return {
    name: stringOf(item, 'name'),
    scopes: stringsOf(item, 'scopes').map((text) => {
      const scope = parseScope(text);
      if (scope === undefined) throw new DamagedItem('scope of a credential');
      return scope;
    }),
    verifier: stringOf(item, 'verifier'),
    createdAt: stringOf(item, 'createdAt'),
    lastUsedAt: optionalStringOf(item, 'lastUsedAt'),
    revision: numberOf(item, 'revision'),
  };
}
