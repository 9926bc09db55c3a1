/** One thing that is measured, of every server alike. */
import type { Ports } from '../servers/bench-server.ts';

/** A server that runs, and what a work may ask of it. */
export interface Bed {
  readonly ports: Ports;
  /** The number of a user whom no other work of this round has touched. */
  freshUser(): number;
  /** Stops the server and starts it again on what it has stored. */
  restart(): Promise<void>;
  /** Waits until the server has nothing more to do: mail that it took is delivered. */
  settled(): Promise<void>;
  /** Processor time of the server so far, in seconds. */
  cpuSeconds(): number;
  /** Memory of the server now, in octets, each shared page counted once. */
  memoryOctets(): number;
}

/** Users whose INBOX is filled once for each server, before the first round. */
export const standing = {
  /** 100,000 messages of 2 KB. */
  large: 0,
  /** 10,000 messages of 10 KB, half of them seen. */
  searched: 1,
  /** 1,000 messages of 10 KB. */
  read: 2,
} as const;
/** The first user that `freshUser` gives. */
export const firstFreshUser = 10;

/** What Posta has to reach. */
export type Target =
  /** So many times the best other server: as often, or in so small a part of its time. */
  | { readonly kind: 'times'; readonly times: number }
  /**
   * The same, or nearly as many messages of so many octets as the disk takes; and more than a server that keeps messages
   * but no mailboxes.
   */
  | { readonly kind: 'accepts'; readonly times: number; readonly octets: number }
  /** As many a second. */
  | { readonly kind: 'atLeast'; readonly value: number }
  /** In less time, or with less memory. */
  | { readonly kind: 'atMost'; readonly value: number }
  /** Nothing: the figure is stated. */
  | { readonly kind: 'stated' };

export interface Work {
  /** The word after `npm run bench --` that chooses it. */
  readonly part: 'smtp' | 'delivery' | 'login' | 'change' | 'large' | 'search' | 'pop3' | 'memory';
  readonly name: string;
  readonly unit: '/s' | 'ms' | 'KB' | 'MB';
  readonly needs: readonly (keyof Ports)[];
  readonly target: Target;
  /** Whether it needs the standing mailboxes. */
  readonly standing?: true;
  /** Whether the figure is of the server's processor time. */
  readonly ofCpu?: true;
  /** The figure, in the unit. */
  run(bed: Bed): Promise<number>;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** Milliseconds that it took. */
export async function timed(run: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await run();
  return performance.now() - begin;
}

/** How often it was done in a second, by so many at once, during so many seconds. Each is told its number. */
export async function rate(
  options: { readonly seconds: number; readonly atOnce: number },
  run: (number: number) => Promise<void>,
): Promise<number> {
  const begin = performance.now();
  const end = begin + options.seconds * 1000;
  let done = 0;
  const one = async (number: number) => {
    while (performance.now() < end) {
      await run(number);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, (_, number) => one(number)));
  return (done * 1000) / (performance.now() - begin);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
