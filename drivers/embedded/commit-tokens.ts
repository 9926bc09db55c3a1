/** Tokens of commits: a repeat of the same writes within 10 minutes counts once. */
import type { Clock } from '../../mail/ports/clock.ts';
import type { Environment } from './environment.ts';
import { RecentRecords } from './recent-records.ts';

/** Within it a repeat counts once, as on DynamoDB. */
const windowMs = 10 * 60 * 1000;
const maxTokenLength = 36;

/** The token came with other writes before: an error of the program. */
export class TokenReused extends Error {
  constructor() {
    super('the token of this commit came with other writes within the last 10 minutes: give each its own');
    this.name = 'TokenReused';
  }
}

/** The tokens of a table. */
export class CommitTokens {
  readonly #recent: RecentRecords;

  constructor(environment: Environment, clock: Clock) {
    this.#recent = new RecentRecords({ records: environment.records('tokens'), clock, windowMs });
  }

  /** Whether these writes were committed with this token. Within a transaction; throws `TokenReused`. */
  isRepeat(token: string, hash: Buffer): boolean {
    const known = this.#recent.find(token);
    if (known && !known.equals(hash)) throw new TokenReused();
    return known !== undefined;
  }

  /** Remembers a token that is committed now. Within the same transaction. */
  remember(token: string, hash: Buffer): void {
    this.#recent.add(token, hash);
  }
}

/** Throws where a token cannot be one on DynamoDB. */
export function checkToken(token: string): void {
  if (token.length === 0 || token.length > maxTokenLength)
    throw new RangeError(`a commit's token has 1 to ${maxTokenLength} characters, not ${token.length}`);
}
