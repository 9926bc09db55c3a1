/** What the processes of a server use, as Linux counts it: processor time and memory of a tree of processes. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second (`getconf CLK_TCK`). */
const ticksASecond = 100;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

/** undefined when the process has ended meanwhile. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

function stats(): readonly Stat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const text = read(`/proc/${name}/stat`);
      if (text === undefined) return [];
      // The name in parentheses may hold spaces; after it: state, parent, …, then user and system time, own and of ended children.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
      return [{ pid: Number(name), parent: Number(fields[1]), ticks }];
    });
}

function tree(roots: readonly number[]): readonly Stat[] {
  const all = stats();
  const chosen = new Set(roots);
  for (let before = -1; before !== chosen.size;) {
    before = chosen.size;
    for (const { pid, parent } of all) if (chosen.has(parent)) chosen.add(pid);
  }
  return all.filter(({ pid }) => chosen.has(pid));
}

/** Seconds of processor time of the roots and all below them, those that have ended and were waited for too. */
export function cpuSeconds(roots: readonly number[]): number {
  return tree(roots).reduce((sum, { ticks }) => sum + ticks, 0) / ticksASecond;
}

/**
 * Memory in octets that the system cannot get back by reading a file again: the proportional set size without mapped
 * files. Memory shared by several processes counts once.
 */
export function memoryOctets(roots: readonly number[]): number {
  return tree(roots).reduce((sum, { pid }) => {
    const text = read(`/proc/${pid}/smaps_rollup`) ?? '';
    const kilobytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
    return sum + (kilobytes('Pss_Anon') + kilobytes('Pss_Shmem')) * 1024;
  }, 0);
}
