/** What a running server holds in memory. */
import { readFileSync } from 'node:fs';
import type { TestPosta } from './posta.ts';

/** In bytes, now. */
export function residentBytes(posta: TestPosta): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${posta.pid}/status`, 'latin1'))?.[1]) * 1024;
}

/** The most that the server held while `run` ran, in bytes. */
export async function peakMemory(posta: TestPosta, run: () => Promise<void>): Promise<number> {
  let peak = 0;
  const watching = setInterval(() => (peak = Math.max(peak, residentBytes(posta))), 20);
  try {
    await run();
  } finally {
    clearInterval(watching);
  }
  return peak;
}
