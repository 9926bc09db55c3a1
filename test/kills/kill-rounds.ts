/** The server is killed and started again, at seeded moments. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestPosta } from '../end-to-end/posta.ts';

export const rounds = Number(process.env.POSTA_KILL_ROUNDS ?? 20);
export const seed = Number(process.env.POSTA_KILL_SEED ?? 20261124);

/** Kills it `rounds` times, each after so many milliseconds of work, or less. */
export async function killAndServe(
  posta: TestPosta,
  { random, mostMs }: { readonly random: () => number; readonly mostMs: number },
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await sleep(mostMs * (0.2 + 0.8 * random()));
    await posta.stop('SIGKILL');
    await posta.serve();
  }
}
