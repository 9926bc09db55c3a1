/** When app passwords were last used: gathered, and written at most once a minute, for a phone logs in all day. */
import { recordCredentialUse } from '../directory/record-use.ts';
import type { AccountId } from '../mailbox/types.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Table } from '../ports/table.ts';

/** How long a use waits to be written, in milliseconds. */
export const credentialUseFlushMs = 60_000;
/** Uses waiting to be written; more of them in a minute go unrecorded. */
const maxWaiting = 10_000;

interface Use {
  readonly accountId: AccountId;
  readonly name: string;
  readonly atMs: number;
}

export class CredentialUses implements AsyncDisposable {
  readonly #options: { readonly table: Table; readonly clock: Clock; readonly log: Log };
  readonly #stop = new AbortController();
  readonly #waiting = new Map<string, Use>();
  #flushing: Promise<void> | undefined;

  constructor(options: { readonly table: Table; readonly clock: Clock; readonly log: Log }) {
    this.#options = options;
  }

  /** It was used now. */
  add(accountId: AccountId, name: string): void {
    const { clock } = this.#options;
    const key = `${accountId} ${name}`;
    if (this.#waiting.size >= maxWaiting && !this.#waiting.has(key)) return;
    this.#waiting.set(key, { accountId, name, atMs: clock.now() });
    if (this.#stop.signal.aborted || this.#flushing !== undefined) return;
    this.#flushing = clock.sleep(credentialUseFlushMs, this.#stop.signal).then(async () => {
      this.#flushing = undefined;
      if (!this.#stop.signal.aborted) await this.flush();
    });
  }

  /** Writes what waits. One that cannot be written is left out: the next use comes. */
  async flush(): Promise<void> {
    const uses = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const use of uses)
      try {
        await recordCredentialUse(this.#options.table, use);
      } catch (fault) {
        this.#options.log.error('auth.credential.use', fault, { account: use.accountId });
      }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#flushing;
    await this.flush();
  }
}
