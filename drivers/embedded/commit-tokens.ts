/** Tokens of commits: a repeat of the same writes within 10 minutes counts once. */
import type { Clock } from '../../mail/ports/clock.ts';
import type { Environment, Records } from './environment.ts';

/** Within it a repeat counts once, as on DynamoDB. */
const windowMs = 10 * 60 * 1000;
const maxTokenLength = 36;
/** Expired tokens are taken out this often, in the transaction of a commit. */
const sweepEveryMs = 1000;
const hashBytes = 32;

/** The token came with other writes before: an error of the program. */
export class TokenReused extends Error {
  constructor() {
    super('the token of this commit came with other writes within the last 10 minutes: give each its own');
    this.name = 'TokenReused';
  }
}

export class CommitTokens {
  readonly #records: Records;
  readonly #clock: Clock;
  #sweptAt = 0;
  #addedSinceSweep = 0;

  constructor(environment: Environment, clock: Clock) {
    this.#records = environment.records('tokens');
    this.#clock = clock;
  }

  /** Whether these writes were committed with this token. Within a transaction; throws `TokenReused`. */
  isRepeat(token: string, hash: Buffer): boolean {
    const now = this.#clock.now();
    const window = windowOf(now);
    for (const where of [window, window - 1]) {
      const found = this.#records.get(keyOf(where, token));
      if (!found) continue;
      const known = Buffer.from(found);
      if (now - known.readDoubleBE(hashBytes) > windowMs) continue;
      if (!known.subarray(0, hashBytes).equals(hash)) throw new TokenReused();
      return true;
    }
    return false;
  }

  /** Remembers a token that is committed now. Within the same transaction. */
  remember(token: string, hash: Buffer): void {
    const now = this.#clock.now();
    const at = Buffer.alloc(8);
    at.writeDoubleBE(now);
    void this.#records.put(keyOf(windowOf(now), token), Buffer.concat([hash, at]));
    this.#addedSinceSweep++;
    if (Math.abs(now - this.#sweptAt) >= sweepEveryMs) this.#sweep(now);
  }

  /** Takes out twice what came, so that it catches up whatever the rate, and a transaction stays short. */
  #sweep(now: number): void {
    const end = keyOf(windowOf(now) - 1, '');
    const limit = 100 + 2 * this.#addedSinceSweep;
    for (const key of [...this.#records.getKeys({ start: Buffer.alloc(1), end, limit })])
      void this.#records.remove(key);
    this.#sweptAt = now;
    this.#addedSinceSweep = 0;
  }
}

/** Throws where a token cannot be one on DynamoDB. */
export function checkToken(token: string): void {
  if (token.length === 0 || token.length > maxTokenLength)
    throw new RangeError(`a commit's token has 1 to ${maxTokenLength} characters, not ${token.length}`);
}

function windowOf(now: number): number {
  return Math.floor(now / windowMs);
}

/** Windows first: what has expired stands at the beginning. */
function keyOf(window: number, token: string): Buffer {
  const key = Buffer.alloc(4 + Buffer.byteLength(token));
  key.writeUInt32BE(window);
  key.write(token, 4);
  return key;
}
