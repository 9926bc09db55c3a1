/** Open sessions that wait some seconds for the next message to their place, and how many there may be. */
import type { Log } from '../../ports/log.ts';
import type { Said } from '../../ports/next-hop.ts';
import type { SmtpSession } from '../../smtp/client/session.ts';
import { nextHopLimits, type NextHopLimits } from './limits.ts';
import { openSession, type Opened } from './open-session.ts';
import { placeKey, type Place } from './place.ts';
import type { NextHopPorts } from './ports.ts';

/** A session to use for one message, and to give back whatever came of it. */
export interface Lease {
  readonly kind: 'open';
  readonly session: SmtpSession;
  /** It has waited: it may be dead without anybody knowing. */
  readonly reused: boolean;
  release(): void;
}

interface Idle {
  readonly key: string;
  readonly session: SmtpSession;
  readonly taken: AbortController;
}

/** The sessions with one place, those that wait and those in use, and who wants one. */
interface Count {
  open: number;
  readonly waiting: Set<AbortController>;
}

export class SessionPool implements AsyncDisposable {
  readonly #ports: NextHopPorts;
  readonly #limits: NextHopLimits;
  /** In the order in which they were given back. */
  readonly #idle = new Set<Idle>();
  readonly #inUse = new Set<SmtpSession>();
  readonly #counts = new Map<string, Count>();
  /** Those to which QUIT was said. */
  readonly #farewells = new Map<SmtpSession, Promise<void>>();
  #released = Promise.withResolvers<void>();
  #disposed = false;
  /** Ends what is being opened, and all else. */
  readonly #ending = new AbortController();

  constructor(ports: NextHopPorts) {
    this.#ports = ports;
    this.#limits = ports.limits ?? nextHopLimits;
  }

  /** Whether a session waits there. */
  hasIdle(place: Place): boolean {
    return this.#findIdle(placeKey(place)) !== undefined;
  }

  /** A session that waits, or a new one; `fresh` takes a new one only, open by `until`. Waits where there are too many. */
  async lease(
    place: Place,
    { log, until, fresh = false }: { readonly log: Log; readonly until: number; readonly fresh?: boolean },
  ): Promise<Lease | Extract<Opened, { readonly kind: 'failed' }>> {
    const key = placeKey(place);
    const waitUntil = this.#ports.clock.now() + this.#limits.waitForSessionMs;
    for (;;) {
      if (this.#disposed) return notNow('4.3.2', { text: 'This server is going down', place });
      const idle = this.#findIdle(key);
      if (idle !== undefined && !fresh) {
        this.#take(idle);
        return this.#leased(place, { session: idle.session, reused: true });
      }
      const count = this.#count(key);
      if (count.open < this.#limits.sessionsPerPlace) return this.#open(place, { log, until, count });
      if (idle !== undefined) this.#dismiss(idle);
      else if (!(await this.#turn(count, waitUntil)))
        return notNow('4.4.5', { text: 'Too many sessions with the server are in use', place });
    }
  }

  /** QUIT to all that wait. Those in use may end first, but not for long. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    for (const { waiting } of this.#counts.values()) for (const waiter of waiting) waiter.abort();
    for (const idle of this.#idle) this.#dismiss(idle);
    const over = new AbortController();
    const late = this.#ports.clock.sleep(this.#limits.farewellMs, over.signal);
    await Promise.race([this.#allEnded(), late]);
    over.abort();
    for (const session of [...this.#inUse, ...this.#farewells.keys()]) session.close();
    this.#ending.abort();
  }

  async #open(
    place: Place,
    { log, until, count }: { readonly log: Log; readonly until: number; readonly count: Count },
  ): Promise<Lease | Extract<Opened, { readonly kind: 'failed' }>> {
    count.open += 1;
    let opened: Opened | undefined;
    try {
      opened = await openSession(this.#ports, { place, log, until, signal: this.#ending.signal });
    } finally {
      if (opened?.kind !== 'open') this.#gone(placeKey(place));
    }
    return opened.kind === 'open' ? this.#leased(place, { session: opened.session, reused: false }) : opened;
  }

  #leased(
    place: Place,
    { session, reused }: { readonly session: SmtpSession; readonly reused: boolean },
  ): Lease {
    this.#inUse.add(session);
    return { kind: 'open', session, reused, release: () => this.#release(place, session) };
  }

  #release(place: Place, session: SmtpSession): void {
    if (!this.#inUse.delete(session)) return;
    this.#released.resolve();
    this.#released = Promise.withResolvers();
    const key = placeKey(place);
    const spent = session.over || session.sent >= this.#limits.messagesPerSession;
    if (spent || this.#disposed) return this.#discard(key, session);
    const idle: Idle = { key, session, taken: new AbortController() };
    this.#idle.add(idle);
    void this.#expire(idle);
    const [oldest] = this.#idle;
    if (this.#idle.size > this.#limits.idleSessions && oldest !== undefined) this.#dismiss(oldest);
    this.#wakeOne(key);
  }

  async #expire(idle: Idle): Promise<void> {
    await this.#ports.clock.sleep(this.#limits.idleMs, idle.taken.signal);
    if (this.#idle.has(idle)) this.#dismiss(idle);
  }

  /** The one that was given back last: the likeliest to be alive. */
  #findIdle(key: string): Idle | undefined {
    return [...this.#idle].findLast((idle) => idle.key === key);
  }

  #take(idle: Idle): void {
    this.#idle.delete(idle);
    idle.taken.abort();
  }

  #dismiss(idle: Idle): void {
    this.#take(idle);
    this.#discard(idle.key, idle.session);
  }

  #discard(key: string, session: SmtpSession): void {
    this.#gone(key);
    this.#farewells.set(
      session,
      session.quit().finally(() => this.#farewells.delete(session)),
    );
  }

  #gone(key: string): void {
    const count = this.#count(key);
    count.open -= 1;
    if (count.open === 0 && count.waiting.size === 0) this.#counts.delete(key);
    else this.#wakeOne(key);
  }

  #count(key: string): Count {
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const count: Count = { open: 0, waiting: new Set() };
    this.#counts.set(key, count);
    return count;
  }

  #wakeOne(key: string): void {
    const waiting = this.#counts.get(key)?.waiting;
    const [first] = waiting ?? [];
    if (first === undefined) return;
    waiting?.delete(first);
    first.abort();
  }

  /** Waits for a session to become free; false when that took too long. */
  async #turn(count: Count, until: number): Promise<boolean> {
    const woken = new AbortController();
    count.waiting.add(woken);
    await this.#ports.clock.sleep(until - this.#ports.clock.now(), woken.signal);
    count.waiting.delete(woken);
    return woken.signal.aborted;
  }

  async #allEnded(): Promise<void> {
    while (this.#inUse.size > 0 || this.#farewells.size > 0)
      await Promise.race([this.#released.promise, ...this.#farewells.values()]);
  }
}

function notNow(
  status: string,
  { text, place }: { readonly text: string; readonly place: Place },
): { readonly kind: 'failed'; readonly said: Said; readonly permanent: boolean } {
  return { kind: 'failed', said: { status, text, remote: place.remote }, permanent: false };
}
