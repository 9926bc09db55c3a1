/** Hashing passwords and checking them (NIST SP 800-63B section 5.1.1.2), off the main thread and never too many at once. */
import { createHmac, createSecretKey, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { ConcurrencyLimit } from './concurrency.ts';
import { maxConcurrentHashes, maxWaitingHashes } from './limits.ts';
import {
  currentParameters,
  formatVerifier,
  parseVerifier,
  type ScryptParameters,
} from './password-verifier.ts';
import { preparePassword } from './prepare.ts';
import type { Secret } from './secret.ts';

const saltBytes = 16;
const hashBytes = 32;

/** scrypt: `node:crypto`'s, on its thread pool; a test counts through it. */
export type DeriveKey = (options: {
  readonly password: string;
  readonly salt: Buffer;
  readonly parameters: ScryptParameters;
  readonly bytes: number;
}) => Promise<Buffer>;

/** `rehash`: it matched, but its parameters are not today's; make a new verifier while the password is at hand. */
export interface PasswordCheck {
  readonly matches: boolean;
  readonly rehash: boolean;
}

/** Thrown for a password that `preparePassword` refuses: whoever sets one asks that first. */
export class PasswordRefused extends Error {
  constructor() {
    super('this password cannot be used');
    this.name = 'PasswordRefused';
  }
}

export class PasswordHasher {
  readonly #parameters: ScryptParameters;
  readonly #derive: DeriveKey;
  readonly #limit: ConcurrencyLimit;
  readonly #decoySalt = randomBytes(saltBytes);
  readonly #decoyHash = randomBytes(hashBytes);

  constructor(
    options: {
      readonly parameters?: ScryptParameters;
      readonly derive?: DeriveKey;
      readonly maxConcurrent?: number;
      readonly maxWaiting?: number;
    } = {},
  ) {
    this.#parameters = options.parameters ?? currentParameters;
    this.#derive = options.derive ?? deriveByScrypt;
    this.#limit = new ConcurrencyLimit({
      what: 'password hashes',
      atOnce: options.maxConcurrent ?? maxConcurrentHashes,
      maxWaiting: options.maxWaiting ?? maxWaitingHashes,
    });
  }

  /** A new verifier with a new salt. Rejects with `PasswordRefused` or `Overloaded`. */
  async hash(password: Secret): Promise<string> {
    const prepared = preparePassword(password.reveal());
    if (prepared === undefined) throw new PasswordRefused();
    const salt = randomBytes(saltBytes);
    const parameters = this.#parameters;
    const hash = await this.#run({ password: prepared, salt, parameters, bytes: hashBytes });
    return formatVerifier({ kind: 'scrypt', parameters, salt, hash });
  }

  /**
   * Checks against a verifier, or against none, which never matches: always one hash, whatever is wrong, so that the
   * time tells nothing. Rejects with `Overloaded`.
   */
  async verify(password: Secret, verifier: string | undefined): Promise<PasswordCheck> {
    const kept = verifier === undefined ? undefined : parseVerifier(verifier);
    const real = kept?.kind === 'scrypt' ? kept : undefined;
    const prepared = preparePassword(password.reveal());
    const { parameters, salt, hash } = real ?? {
      parameters: this.#parameters,
      salt: this.#decoySalt,
      hash: this.#decoyHash,
    };
    const derived = await this.#run({ password: prepared ?? '', salt, parameters, bytes: hash.length });
    const matches = timingSafeEqual(derived, hash) && real !== undefined && prepared !== undefined;
    return { matches, rehash: matches && !this.#isCurrent(parameters) };
  }

  #isCurrent({ log2N, blockSize, parallelization }: ScryptParameters): boolean {
    const current = this.#parameters;
    return (
      log2N === current.log2N &&
      blockSize === current.blockSize &&
      parallelization === current.parallelization
    );
  }

  #run(options: Parameters<DeriveKey>[0]): Promise<Buffer> {
    return this.#limit.run(() => this.#derive(options));
  }
}

/** A verifier of a password that this program made with at least 80 random bits; never of a chosen one. */
export function hashGenerated(normalized: string): string {
  const salt = randomBytes(saltBytes);
  const hash = createHmac('sha256', createSecretKey(salt)).update(normalized).digest();
  return formatVerifier({ kind: 'hmac-sha256', salt, hash });
}

/** Whether `normalized` is the generated password of this verifier. */
export function verifyGenerated(normalized: string, verifier: string): boolean {
  const kept = parseVerifier(verifier);
  if (kept?.kind !== 'hmac-sha256') return false;
  return timingSafeEqual(
    createHmac('sha256', createSecretKey(kept.salt)).update(normalized).digest(),
    kept.hash,
  );
}

const deriveByScrypt: DeriveKey = ({ password, salt, parameters, bytes }) => {
  const { log2N, blockSize, parallelization } = parameters;
  const N = 2 ** log2N;
  const maxmem = 128 * N * blockSize + 128 * blockSize * parallelization + 2 ** 20;
  return new Promise((resolve, reject) => {
    scrypt(password, salt, bytes, { N, r: blockSize, p: parallelization, maxmem }, (fault, derived) => {
      if (fault === null) resolve(derived);
      else reject(fault);
    });
  });
};
