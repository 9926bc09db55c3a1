/**
 * Tokens of commits: a repeat of the same writes within 10 minutes counts once. They are kept in memory: only who sent a
 * commit repeats it, and here an answer is lost only together with the process that waits for it.
 */
import type { Clock } from '../../mail/ports/clock.ts';
import type { CommitOutcome } from '../../mail/ports/table.ts';

/** Within it a repeat counts once, as on DynamoDB. */
const windowMs = 10 * 60 * 1000;
const maxTokenLength = 36;
/** The oldest go first, though their window is not over. */
const maxTokens = 4096;

/** The token came with other writes before: an error of the program. */
export class TokenReused extends Error {
  constructor() {
    super('the token of this commit came with other writes within the last 10 minutes: give each its own');
    this.name = 'TokenReused';
  }
}

/** A commit that is under way, or has taken place. */
interface Sent {
  readonly fingerprint: number;
  readonly atMs: number;
  readonly outcome: Promise<CommitOutcome>;
}

/** The tokens of a table. */
export class CommitTokens {
  readonly #clock: Clock;
  /** By token, the oldest first. */
  readonly #sent = new Map<string, Sent>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Commits, unless writes with that fingerprint were committed under the token. Rejects with `TokenReused`. */
  async once(
    token: string,
    { fingerprint, commit }: { readonly fingerprint: number; readonly commit: () => Promise<CommitOutcome> },
  ): Promise<CommitOutcome> {
    checkToken(token);
    for (let sent = this.#find(token); sent !== undefined; sent = this.#find(token)) {
      if (sent.fingerprint !== fingerprint) throw new TokenReused();
      const outcome = await sent.outcome.catch(() => undefined);
      if (outcome?.kind === 'committed') return outcome;
    }
    const outcome = this.#unlessFailed(token, commit);
    this.#remember(token, { fingerprint, atMs: this.#clock.now(), outcome });
    return outcome;
  }

  #find(token: string): Sent | undefined {
    const sent = this.#sent.get(token);
    return sent !== undefined && this.#clock.now() - sent.atMs <= windowMs ? sent : undefined;
  }

  #remember(token: string, sent: Sent): void {
    this.#sent.delete(token);
    this.#sent.set(token, sent);
    if (this.#sent.size <= maxTokens) return;
    const [oldest] = this.#sent.keys();
    if (oldest !== undefined) this.#sent.delete(oldest);
  }

  /** What did not take place is forgotten before anyone hears of it. */
  async #unlessFailed(token: string, commit: () => Promise<CommitOutcome>): Promise<CommitOutcome> {
    let committed = false;
    try {
      const outcome = await commit();
      committed = outcome.kind === 'committed';
      return outcome;
    } finally {
      if (!committed) this.#sent.delete(token);
    }
  }
}

/** Throws where a token cannot be one on DynamoDB. */
function checkToken(token: string): void {
  if (token.length === 0 || token.length > maxTokenLength)
    throw new RangeError(`a commit's token has 1 to ${maxTokenLength} characters, not ${token.length}`);
}
