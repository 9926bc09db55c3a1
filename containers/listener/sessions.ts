/** The sessions that live in this process. */
import { setImmediate as turn } from 'node:timers/promises';
import type { LeaveReason, LoggedIn } from '../../mail/wire/engine.ts';
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
    return this.#leave(({ principal }) => principal?.accountId === accountId);
  }

  /**
   * Asks of each who has logged in whether they may stay, once for all their sessions, and tells the sessions of those
   * who may not to take leave; how many there were. `mayStay` must not reject.
   */
  async leaveUnless(mayStay: (principal: LoggedIn) => Promise<boolean>): Promise<number> {
    const asked = new Map<string, LoggedIn>();
    for (const { principal } of this.#live) if (principal) asked.set(nameOf(principal), principal);
    const lost = new Set<string>();
    for (const [name, principal] of asked) {
      // What answers at once would keep all others from their turn.
      await turn();
      if (!(await mayStay(principal))) lost.add(name);
    }
    return this.#leave(({ principal }) => principal !== undefined && lost.has(nameOf(principal)));
  }

  #leave(concerned: (session: Session) => boolean): number {
    const theirs = [...this.#live].filter(concerned);
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

/** The same for all sessions of a password. */
function nameOf({ accountId, credential, passwordSince }: LoggedIn): string {
  return JSON.stringify([accountId, credential, passwordSince]);
}
