/**
 * Passwords verified in the last minutes, as hashes under a key that only this process has: a password hash costs tens
 * of milliseconds, and phones reconnect all day.
 */
import { hash, randomBytes } from 'node:crypto';
import type { Clock } from '../ports/clock.ts';
import { maxVerifiedPasswords, verifiedPasswordMs } from './limits.ts';
import { preparePassword } from './prepare.ts';
import type { Secret } from './secret.ts';

interface Verified {
  readonly verifier: string;
  readonly digest: string;
  readonly until: number;
}

/** What the password is checked for. */
export interface PasswordOfAccount {
  readonly accountId: string;
  readonly password: Secret;
  /** The account's present verifier, just read: another than the one then verified forgets the password. */
  readonly verifier: string;
}

export class VerifiedPasswords {
  readonly #clock: Clock;
  readonly #key = randomBytes(64).toString('base64');
  readonly #max: number;
  /** By account, the oldest first. */
  readonly #verified = new Map<string, Verified>();

  constructor(options: { readonly clock: Clock; readonly max?: number }) {
    this.#clock = options.clock;
    this.#max = options.max ?? maxVerifiedPasswords;
  }

  get size(): number {
    return this.#verified.size;
  }

  /** The password was verified just now against this verifier. */
  add(checked: PasswordOfAccount): void {
    const { accountId, verifier } = checked;
    const until = this.#clock.now() + verifiedPasswordMs;
    this.#verified.delete(accountId);
    this.#verified.set(accountId, { verifier, digest: this.#digest(checked), until });
    if (this.#verified.size <= this.#max) return;
    const [oldest] = this.#verified.keys();
    if (oldest !== undefined) this.#verified.delete(oldest);
  }

  /** Whether this very password was verified within the last minutes, against this very verifier. */
  has(asked: PasswordOfAccount): boolean {
    const known = this.#verified.get(asked.accountId);
    if (known === undefined) return false;
    if (known.verifier !== asked.verifier || known.until <= this.#clock.now()) {
      this.#verified.delete(asked.accountId);
      return false;
    }
    return known.digest === this.#digest(asked);
  }

  /**
   * SHA-512/256 behind a key needs no HMAC: its digest is not the state from which it could be gone on. How long it takes to
   * compare two tells nothing: who does not know the key cannot say what any password's begins with.
   */
  #digest({ accountId, password }: PasswordOfAccount): string {
    const prepared = preparePassword(password.reveal()) ?? '';
    return hash('sha512-256', `${this.#key}\0${accountId}\0${prepared}`, 'base64');
  }
}
