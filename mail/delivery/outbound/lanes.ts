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
  /**
   * Once so many wait in all, one place has no more than a few: slow places do not take the room of others. Of twice as
   * many, none has any more.
   */
  readonly waitingInAll: number;
  readonly few: number;
  /** Transmissions under way in all. */
  readonly runningInAll: number;
  /** How long a place that is away is left alone: after the first failure, doubled up to the largest. */
  readonly firstPauseMs: number;
  readonly largestPauseMs: number;
}

export const laneLimits: LaneLimits = {
  running: 10,
  waiting: 1000,
  waitingInAll: 10_000,
  few: 10,
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
  /** Too much waits for the place: it was not tried. There should be room then. */
  crowded(until: { readonly ms: number }): Promise<void>;
}

interface Lane {
  readonly name: string;
  running: number;
  readonly waiting: LaneTask[];
  failures: number;
  away: { readonly ms: number; readonly because: Said } | undefined;
  /** How long a transmission took of late. */
  takesMs: number;
  /** The turn of the last that was put off. */
  turnMs: number;
}

/** Before the first of a lane has ended. */
const presumedMs = 1000;
/** Nothing is put off for less: sweeps come no sooner. */
const leastPauseMs = 1000;

export class Lanes {
  readonly #clock: Clock;
  readonly #limits: LaneLimits;
  readonly #lanes = new Map<string, Lane>();
  #running = 0;
  #waiting = 0;
  #closed = false;
  readonly #under = new Set<Promise<void>>();

  constructor(options: { readonly clock: Clock; readonly limits?: LaneLimits }) {
    this.#clock = options.clock;
    this.#limits = options.limits ?? laneLimits;
  }

  /** Runs it as soon as its lane lets it, or says why not. `asked`: whether the place is left alone or not. */
  add(name: string, task: LaneTask, { asked = false }: { readonly asked?: boolean } = {}): void {
    const lane = this.#lane(name);
    const away = lane.away !== undefined && this.#clock.now() < lane.away.ms ? lane.away : undefined;
    if (away !== undefined && !asked) this.#follow(task.putOff(away));
    else if (this.#closed) this.#follow(task.crowded({ ms: this.#clock.now() }));
    else if (this.#isFull(lane)) this.#follow(task.crowded({ ms: this.#turnOfNext(lane) }));
    else {
      lane.waiting.push(task);
      this.#waiting += 1;
      this.#pump();
    }
  }

  /** Nothing that waits is begun any more: it stays due. Resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const lane of this.#lanes.values())
      for (const task of this.#emptied(lane)) this.#follow(task.crowded({ ms: this.#clock.now() }));
    await this.settled();
  }

  /** Resolves when nothing waits or is under way. */
  async settled(): Promise<void> {
    while (this.#under.size > 0) await Promise.all(this.#under);
  }

  #lane(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const lane: Lane = {
      name,
      running: 0,
      waiting: [],
      failures: 0,
      away: undefined,
      takesMs: presumedMs,
      turnMs: 0,
    };
    this.#lanes.set(name, lane);
    return lane;
  }

  #emptied({ waiting }: Lane): readonly LaneTask[] {
    this.#waiting -= waiting.length;
    return waiting.splice(0);
  }

  #isFull({ waiting }: Lane): boolean {
    const { waiting: most, waitingInAll, few } = this.#limits;
    if (this.#waiting >= 2 * waitingInAll) return true;
    return waiting.length >= (this.#waiting >= waitingInAll ? few : most);
  }

  /**
   * When half of those that wait, and of those that were put off before it, should have gone. What comes too early is
   * put off again; what came too late would leave the place idle.
   */
  #turnOfNext(lane: Lane): number {
    const { running, largestPauseMs } = this.#limits;
    const nowMs = this.#clock.now();
    const eachMs = lane.takesMs / running / 2;
    lane.turnMs = Math.max(nowMs + lane.waiting.length * eachMs, lane.turnMs + eachMs);
    return Math.min(Math.max(lane.turnMs, nowMs + leastPauseMs), nowMs + largestPauseMs);
  }

  /** One transmission of each lane in turn, so that none waits for another's hundred. */
  #pump(): void {
    for (let begun = true; begun && this.#running < this.#limits.runningInAll;) {
      begun = false;
      for (const lane of this.#lanes.values()) {
        if (this.#running >= this.#limits.runningInAll || lane.running >= this.#mayRun(lane)) continue;
        const task = lane.waiting.shift();
        if (task === undefined) continue;
        this.#waiting -= 1;
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
    const begunMs = this.#clock.now();
    const { failures } = lane;
    this.#follow(
      task.run().then(({ unavailable }) => {
        lane.running -= 1;
        this.#running -= 1;
        lane.takesMs += (this.#clock.now() - begunMs - lane.takesMs) / 10;
        this.#learn(lane, { unavailable, failures });
        this.#pump();
        this.#forget(lane);
      }),
    );
  }

  /** `failures` as they were when it was begun: those that were under way together, and fail together, count once. */
  #learn(
    lane: Lane,
    { unavailable, failures }: { readonly unavailable: Said | undefined; readonly failures: number },
  ): void {
    if (unavailable === undefined) {
      lane.failures = 0;
      lane.away = undefined;
      return;
    }
    if (failures !== lane.failures) return;
    const { firstPauseMs, largestPauseMs } = this.#limits;
    const ms = this.#clock.now() + Math.min(firstPauseMs * 2 ** lane.failures, largestPauseMs);
    lane.failures += 1;
    lane.away = { ms, because: unavailable };
    for (const task of this.#emptied(lane)) this.#follow(task.putOff(lane.away));
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
