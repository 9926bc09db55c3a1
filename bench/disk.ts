/** What the disk takes: as many flushed writes as `dd` gets done in a second, nothing else being asked of it. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

export interface DiskFigure {
  /** Of one write. */
  readonly octets: number;
  /** Writes a second, each on the disk before the next. */
  readonly rate: number;
}

const octetsInAll = 200_000_000;
const mostWrites = 2000;
const timeoutMs = 120_000;

/** Writes a file in the folder with O_DSYNC, so that each write waits as one and fdatasync would. */
export function diskFigure(folder: string, octets: number): DiskFigure {
  const file = join(folder, 'dd');
  const count = Math.min(mostWrites, octetsInAll / octets);
  const begin = performance.now();
  execFileSync('dd', ['if=/dev/zero', `of=${file}`, `bs=${octets}`, `count=${count}`, 'oflag=dsync'], {
    stdio: 'ignore',
    timeout: timeoutMs,
  });
  const rate = (count * 1000) / (performance.now() - begin);
  rmSync(file);
  return { octets, rate };
}
