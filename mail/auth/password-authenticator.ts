/**
 * The authenticator over the directory: an account's own password for everything, app passwords for their scopes. A
 * refusal is the same, after the same work, whatever was wrong: one scrypt hash, and as many short hashes as an account
 * can have app passwords.
 */
import type { Account } from '../directory/account.ts';
import type { Credential } from '../directory/credential.ts';
import type { Directory } from '../directory/directory.ts';
import { domainOf } from '../directory/account.ts';
import { replaceVerifier } from '../directory/record-use.ts';
import { parseAccountId, sound } from '../mailbox/types.ts';
import { canonicalAddress, parseAddress, type EmailAddress } from '../message/address.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Table } from '../ports/table.ts';
import type { Authentication, Authenticator, Principal } from './authenticator.ts';
import { Overloaded } from './concurrency.ts';
import { CredentialUses } from './credential-uses.ts';
import { normalizeGenerated } from './generated-password.ts';
import { maxCredentials } from './limits.ts';
import { hashGenerated, PasswordHasher, verifyGenerated } from './password.ts';
import { prepareUser } from './prepare.ts';
import type { Secret } from './secret.ts';
import { LoginThrottle } from './throttle.ts';
import { VerifiedPasswords } from './verified-passwords.ts';

export interface PasswordAuthenticatorOptions {
  readonly directory: Directory;
  readonly table: Table;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Shared with what sets passwords, so that one bound holds for both; its own unless given. */
  readonly hasher?: PasswordHasher;
}

/** Dispose it when no session is left: what it has counted is then written. */
export type PasswordAuthenticator = Authenticator & AsyncDisposable;

type Attempt = Parameters<Authenticator['verify']>[0];

/** Why a login failed: for the log alone. */
type Failure = 'noSuchAccount' | 'wrongPassword' | 'suspended' | 'scope';

type Verdict =
  | { readonly kind: 'ok'; readonly account: Account; readonly credential?: Credential }
  | { readonly kind: 'failed'; readonly why: Failure; readonly account?: Account };

/** How long a client waits when too many hashes are under way, in milliseconds. */
const overloadedRetryMs = 5000;
/** Looked up where a name is no account's, so that the reads are the same. Not of the form that ids have. */
const nobody = sound(parseAccountId('nobody'), 'account id');

export function createPasswordAuthenticator(options: PasswordAuthenticatorOptions): PasswordAuthenticator {
  return new DirectoryAuthenticator(options);
}

class DirectoryAuthenticator implements PasswordAuthenticator {
  readonly #options: PasswordAuthenticatorOptions;
  readonly #hasher: PasswordHasher;
  readonly #throttle: LoginThrottle;
  readonly #verified: VerifiedPasswords;
  readonly #uses: CredentialUses;
  readonly #decoy = hashGenerated('');

  constructor(options: PasswordAuthenticatorOptions) {
    this.#options = options;
    this.#hasher = options.hasher ?? new PasswordHasher();
    this.#throttle = new LoginThrottle(options);
    this.#verified = new VerifiedPasswords(options);
    this.#uses = new CredentialUses(options);
  }

  async verify(attempt: Attempt): Promise<Authentication> {
    const { remoteAddress, scope } = attempt;
    const address = await this.#addressOf(attempt.user);
    const user = address === undefined ? undefined : canonicalAddress(address);
    const admission = await this.#throttle.admit({ remoteAddress, user: user ?? 'no address' });
    if (admission.kind === 'throttled') return this.#throttled(attempt, admission.retryAfterMs);
    try {
      const verdict = await this.#check(user === undefined ? undefined : address, attempt);
      admission.ended(verdict.kind === 'ok' ? 'succeeded' : 'failed');
      this.#options.metrics.count('auth.attempts', { outcome: verdict.kind, scope });
      return this.#tell(verdict, attempt);
    } catch (fault) {
      admission.ended('unchecked');
      if (fault instanceof Overloaded) return this.#throttled(attempt, overloadedRetryMs);
      throw fault;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#throttle[Symbol.asyncDispose]();
    await this.#uses[Symbol.asyncDispose]();
  }

  /** A user name is an address; its domain may be left out where there is only one. */
  async #addressOf(user: string): Promise<EmailAddress | undefined> {
    const name = prepareUser(user);
    if (name === undefined) return undefined;
    if (name.includes('@')) return parseAddress(name);
    const [domain, another] = await this.#options.directory.listDomainNames(2);
    if (domain === undefined || another !== undefined) return undefined;
    return parseAddress(`${name}@${domain}`);
  }

  async #check(address: EmailAddress | undefined, { password, scope }: Attempt): Promise<Verdict> {
    const { directory } = this.#options;
    const account = address && (await directory.findAccountByAddress(address));
    const domain = await directory.findDomain(account === undefined ? 'invalid' : domainOf(account.address));
    const suspended = account?.status === 'suspended' || domain?.status === 'suspended';
    // A short way for who is let in: the time of all others tells as little as before.
    if (account !== undefined && !suspended && this.#isKnown(account, password))
      return { kind: 'ok', account };
    const credentials = await directory.listCredentials(account?.id ?? nobody);
    const credential = this.#matching(credentials, password);
    const inScope = credential?.scopes.includes(scope) === true;
    if (account !== undefined && credential !== undefined && inScope && !suspended) {
      this.#uses.add(account.id, credential.name);
      return { kind: 'ok', account, credential };
    }
    const matches = await this.#isOwnPassword(account, password);
    if (account === undefined) return { kind: 'failed', why: 'noSuchAccount' };
    if (matches && !suspended) return { kind: 'ok', account };
    if (matches || (credential !== undefined && suspended))
      return { kind: 'failed', why: 'suspended', account };
    return { kind: 'failed', why: credential === undefined ? 'wrongPassword' : 'scope', account };
  }

  /** The app password that this is. Always as many hashes, so that the time does not tell how many there are. */
  #matching(credentials: readonly Credential[], password: Secret): Credential | undefined {
    const normalized = normalizeGenerated(password);
    let found: Credential | undefined;
    for (let at = 0; at < Math.max(maxCredentials, credentials.length); at++) {
      const credential = credentials[at];
      const matches = verifyGenerated(normalized ?? '', credential?.verifier ?? this.#decoy);
      if (matches && normalized !== undefined) found ??= credential;
    }
    return found;
  }

  /** Believed without hashing; to be asked only where it lets in: else a suspended account would answer sooner. */
  #isKnown({ id, passwordVerifier: verifier }: Account, password: Secret): boolean {
    return verifier !== undefined && this.#verified.has({ accountId: id, password, verifier });
  }

  async #isOwnPassword(account: Account | undefined, password: Secret): Promise<boolean> {
    const verifier = account?.passwordVerifier;
    const { matches, rehash } = await this.#hasher.verify(password, verifier);
    if (!matches || account === undefined || verifier === undefined) return false;
    if (rehash) await this.#rehash(account, password);
    else this.#verified.add({ accountId: account.id, password, verifier });
    return true;
  }

  /** The password is at hand, and its verifier is of old parameters. The login succeeds whether this does or not. */
  async #rehash(account: Account, password: Secret): Promise<void> {
    try {
      const replaced = await replaceVerifier(this.#options.table, account, await this.#hasher.hash(password));
      this.#options.log.info('auth.rehashed', { account: account.id, replaced });
    } catch (fault) {
      this.#options.log.error('auth.rehash', fault, { account: account.id });
    }
  }

  #tell(verdict: Verdict, { remoteAddress, scope, user }: Attempt): Authentication {
    const { log } = this.#options;
    if (verdict.kind === 'ok') {
      const { account, credential } = verdict;
      log.debug('auth.ok', { account: account.id, credential: credential?.name, scope, remoteAddress });
      return { kind: 'ok', principal: principalOf(account, credential) };
    }
    // A user name that nobody has may be a password typed into the wrong field.
    const name = verdict.account === undefined ? shownUser(user) : verdict.account.address;
    this.#options.metrics.count('auth.refused');
    log.info('auth.refused', { why: verdict.why, user: name, scope, remoteAddress });
    return { kind: 'refused' };
  }

  #throttled({ remoteAddress, scope }: Attempt, retryAfterMs: number): Authentication {
    this.#options.metrics.count('auth.attempts', { outcome: 'throttled', scope });
    this.#options.log.info('auth.throttled', { remoteAddress, scope, retryAfterMs });
    return { kind: 'throttled', retryAfterMs };
  }
}

function principalOf(
  { id: accountId, address, passwordChangedAt }: Account,
  credential?: Credential,
): Principal {
  if (credential === undefined) return { accountId, address, passwordSince: passwordChangedAt };
  return { accountId, address, credential: credential.name, passwordSince: credential.createdAt };
}

/** An unknown user name for the log: only its domain, where it has one. */
function shownUser(user: string): string {
  const domain = parseAddress(user)?.domain;
  return domain === undefined ? '(no address)' : `(unknown)@${domain}`;
}
