/** Debian's packages of the other servers: installed where they go together, unpacked side by side where they do not. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Installs what is missing; none of it is started as a service. Throws with what to do where it cannot. */
export function install(packages: readonly string[], progress: (text: string) => void): void {
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  refuseOtherMachines(missing);
  progress(`installing ${missing.join(', ')}\n`);
  // `policy-rc.d` is what Debian asks before a package starts its service.
  aptGet(['install', '-y', '--no-install-recommends', ...missing], { RUNLEVEL: '1' });
}

/** Packages that are not installed: below `root` all is as in `/`. */
export interface Unpacked {
  readonly root: string;
  /** With what their programs find the libraries that came with them. */
  readonly env: { readonly LD_LIBRARY_PATH: string };
}

/** Where every user can read what is unpacked: servers change theirs. */
const cache = '/var/cache/posta-bench';
const aptMs = 600_000;

/** Unpacks packages that cannot be installed beside the others, with those that they need and the machine has not. */
export function unpack(packages: readonly string[], progress: (text: string) => void): Unpacked {
  const root = join(cache, packages.join('+'));
  if (!existsSync(root)) {
    refuseOtherMachines(packages);
    progress(`unpacking ${packages.join(', ')}\n`);
    const archives = `${root}.archives`;
    mkdirSync(join(archives, 'partial'), { recursive: true });
    // What conflicts with them is not removed: nothing is installed.
    const fetching = ['install', '-y', '--download-only', '--reinstall', '--no-install-recommends'];
    aptGet([...fetching, '-o', `Dir::Cache::archives=${archives}`, ...packages]);
    for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb')))
      execFileSync('dpkg-deb', ['-x', join(archives, file), `${root}.new`], { timeout: aptMs });
    // Nobody but root is to become another user by them.
    execFileSync('chmod', ['-R', 'ug-s', `${root}.new`], { timeout: aptMs });
    renameSync(`${root}.new`, root);
    rmSync(archives, { recursive: true });
  }
  const triplets = readdirSync(join(root, 'usr/lib')).filter((name) => name.includes('-linux-gnu'));
  const libraries = triplets.flatMap((name) => [join(root, 'usr/lib', name), join(root, 'lib', name)]);
  return { root, env: { LD_LIBRARY_PATH: libraries.join(':') } };
}

/** A user of the system, as a package that is not installed would have made it. */
export function addSystemUser(name: string): void {
  try {
    execFileSync('id', [name], { stdio: 'ignore' });
  } catch {
    refuseOtherMachines([`the user ${name}`]);
    execFileSync('useradd', ['--system', '--user-group', '--shell', '/usr/sbin/nologin', name], {
      timeout: aptMs,
    });
  }
}

function isInstalled(name: string): boolean {
  try {
    const status = execFileSync('dpkg-query', ['-W', '-f', '${Status}', name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return status.endsWith(' installed');
  } catch {
    return false;
  }
}

function refuseOtherMachines(packages: readonly string[]): void {
  if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) return;
  throw new Error(
    `The benchmark needs ${packages.join(', ')}. Run it as root on Debian or Ubuntu, where it installs them, or measure Posta alone with --servers posta,sink.`,
  );
}

function aptGet(args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  const options = {
    stdio: 'ignore',
    timeout: aptMs,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', ...env },
  } as const;
  execFileSync('apt-get', ['update', '-qq'], options);
  execFileSync('apt-get', ['-qq', ...args], options);
}
