/** The sessions that live in this process. */
import type { LeaveReason } from '../../mail/wire/engine.ts';
import type { Session } from './session.ts';

export class Sessions {
  readonly #live = new Set<Session>();
  readonly #emptied: (() => void)[] = [];

  get size(): number {
    return this.#live.size;
  }

  add(session: Session): void {
    this.#live.add(session);
  }

  delete(session: Session): void {
    this.#live.delete(session);
    if (this.#live.size === 0) for (const resolve of this.#emptied.splice(0)) resolve();
  }

  /** Tells each session to take leave; how many there were. */
  leaveAll(reason: LeaveReason): number {
    for (const session of this.#live) session.leave(reason);
    return this.#live.size;
  }

  /** Tells the sessions that this account has logged in on; how many there were. For a Wake `access`. */
  leaveAccount(accountId: string): number {
    const theirs = [...this.#live].filter(({ account }) => account === accountId);
    for (const session of theirs) session.leave('access');
    return theirs.length;
  }

  /** Ends all at once. */
  destroyAll(): void {
    for (const session of this.#live) session.destroy();
  }

  /** Resolves when none is left. */
  empty(): Promise<void> {
    if (this.#live.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#emptied.push(resolve);
    });
  }
}
