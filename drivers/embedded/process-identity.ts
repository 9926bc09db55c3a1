/** Who a process is, so that another can tell for certain that it is gone: a pid alone is given again. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Tells this process from an earlier or later one of the same pid: when it started, and in which boot. */
  readonly started: string;
}

/** The process that asks. */
export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) ?? unknown };
}

/**
 * Whether that process still runs on this machine. Processes that share a data directory must see each other's
 * pids: two containers that share a volume but not the pid namespace take each other for dead.
 */
export function isRunning(identity: ProcessIdentity): boolean {
  const started = identity.started === unknown ? unknown : startOf(identity.pid);
  // Who cannot look must take nobody for dead: the dead lose what they have open.
  return started === unknown ? pidExists(identity.pid) : started === identity.started;
}

/** Where the system does not say when a process started, its pid has to do. */
const unknown = 'unknown';

function pidExists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (fault) {
    return fault instanceof Error && 'code' in fault && fault.code === 'EPERM';
  }
}

/** Undefined where there is no such process, `unknown` where that cannot be read. */
function startOf(pid: number): string | undefined {
  return process.platform === 'linux' ? startOnLinux(pid) : startElsewhere(pid);
}

function startOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command's name in parentheses may hold spaces and parentheses; the state is field 3, the start field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended: it only waits for its parent to take notice.
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${fields[19]}`;
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
    return code === 'ENOENT' || code === 'ESRCH' ? undefined : unknown;
  }
}

function startElsewhere(pid: number): string | undefined {
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      timeout: 5_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return started.trim() || undefined;
  } catch (fault) {
    // It ends with 1 where it finds none.
    return fault instanceof Error && 'status' in fault && fault.status === 1 ? undefined : unknown;
  }
}
