/**
 * Lanes: what is sent at once to each place. A slow place fills its own lane and no other; one that is away is left
 * alone for a while, and then asked by one attempt before the rest.
 */
import type { Clock } from '../../ports/clock.ts';
import type { Said } from '../../ports/next-hop.ts';

export interface LaneLimits {
  /** Transmissions under way to one place. */
  readonly running: number;
  /** Transmissions that wait for one place; more are put off. */
  readonly waiting: number;
  /** Transmissions under way in all. */
  readonly runningInAll: number;
  /** How long a place that is away is left alone: after the first failure, doubled up to the largest. */
  readonly firstPauseMs: number;
  readonly largestPauseMs: number;
}

export const laneLimits: LaneLimits = {
  running: 10,
  waiting: 100,
  runningInAll: 500,
  firstPauseMs: 60_000,
  largestPauseMs: 30 * 60_000,
};

/** One transmission, in whatever way it ends. */
export interface LaneTask {
  /** Sends it; `unavailable` says that the place itself is away, and why. Rejects for nothing. */
  run(): Promise<{ readonly unavailable: Said | undefined }>;
  /** The place is away until then, for that reason: it was not tried. */
  putOff(until: { readonly ms: number; readonly because: Said }): Promise<void>;
  /** Too much waits for the place: it was not tried. */
  crowded(): Promise<void>;
}

interface Lane {
  readonly name: string;
  running: number;
  readonly waiting: LaneTask[];
  failures: number;
  away: { readonly ms: number; readonly because: Said } | undefined;
}

export class Lanes {
  readonly #clock: Clock;
  readonly #limits: LaneLimits;
  readonly #lanes = new Map<string, Lane>();
  #running = 0;
  #closed = false;
  readonly #under = new Set<Promise<void>>();

  constructor(options: { readonly clock: Clock; readonly limits?: LaneLimits }) {
    this.#clock = options.clock;
    this.#limits = options.limits ?? laneLimits;
  }

  /** Transmissions that wait or are under way. */
  get size(): number {
    return [...this.#lanes.values()].reduce((sum, { waiting }) => sum + waiting.length, this.#running);
  }

  /** Runs it as soon as its lane lets it, or says why not. `asked`: whether the place is left alone or not. */
  add(name: string, task: LaneTask, { asked = false }: { readonly asked?: boolean } = {}): void {
    const lane = this.#lane(name);
    const away = lane.away !== undefined && this.#clock.now() < lane.away.ms ? lane.away : undefined;
    if (away !== undefined && !asked) this.#follow(task.putOff(away));
    else if (lane.waiting.length >= this.#limits.waiting || this.#closed) this.#follow(task.crowded());
    else {
      lane.waiting.push(task);
      this.#pump();
    }
  }

  /** Nothing that waits is begun any more: it is put off. Resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const lane of this.#lanes.values())
      for (const task of lane.waiting.splice(0)) this.#follow(task.crowded());
    await this.settled();
  }

  /** Resolves when nothing waits or is under way. */
  async settled(): Promise<void> {
    while (this.#under.size > 0) await Promise.all(this.#under);
  }

  #lane(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const lane: Lane = { name, running: 0, waiting: [], failures: 0, away: undefined };
    this.#lanes.set(name, lane);
    return lane;
  }

  /** One transmission of each lane in turn, so that none waits for another's hundred. */
  #pump(): void {
    for (let begun = true; begun && this.#running < this.#limits.runningInAll;) {
      begun = false;
      for (const lane of this.#lanes.values()) {
        if (this.#running >= this.#limits.runningInAll || lane.running >= this.#mayRun(lane)) continue;
        const task = lane.waiting.shift();
        if (task === undefined) continue;
        this.#begin(lane, task);
        begun = true;
      }
    }
  }

  /** After a failure one attempt shows whether the place is back. */
  #mayRun({ failures }: Lane): number {
    return failures > 0 ? 1 : this.#limits.running;
  }

  #begin(lane: Lane, task: LaneTask): void {
    lane.running += 1;
    this.#running += 1;
    this.#follow(
      task.run().then(({ unavailable }) => {
        lane.running -= 1;
        this.#running -= 1;
        this.#learn(lane, unavailable);
        this.#pump();
        this.#forget(lane);
      }),
    );
  }

  #learn(lane: Lane, unavailable: Said | undefined): void {
    if (unavailable === undefined) {
      lane.failures = 0;
      lane.away = undefined;
      return;
    }
    const { firstPauseMs, largestPauseMs } = this.#limits;
    const ms = this.#clock.now() + Math.min(firstPauseMs * 2 ** lane.failures, largestPauseMs);
    lane.failures += 1;
    lane.away = { ms, because: unavailable };
    for (const task of lane.waiting.splice(0)) this.#follow(task.putOff(lane.away));
  }

  /** A lane that has nothing and failed at nothing need not be remembered. */
  #forget({ name, running, waiting, failures }: Lane): void {
    if (running === 0 && waiting.length === 0 && failures === 0) this.#lanes.delete(name);
  }

  #follow(work: Promise<void>): void {
    const followed = work.finally(() => this.#under.delete(followed));
    this.#under.add(followed);
  }
}
