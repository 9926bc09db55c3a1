/** Debian's packages of the other servers: installed where they go together, unpacked side by side where they do not. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
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

/** Unpacks packages that cannot be installed beside the others, and answers where: below it all is as in `/`. */
export function unpack(packages: readonly string[], progress: (text: string) => void): string {
  const folder = join(homedir(), '.cache/posta-bench', packages.join('+'));
  const root = join(folder, 'root');
  if (existsSync(root)) return root;
  refuseOtherMachines(packages);
  progress(`unpacking ${packages.join(', ')}\n`);
  mkdirSync(folder, { recursive: true });
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
  execFileSync('apt-get', ['download', '-qq', ...packages], { cwd: folder, stdio: 'ignore' });
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb')))
    execFileSync('dpkg-deb', ['-x', file, `${root}.new`], { cwd: folder });
  execFileSync('mv', [`${root}.new`, root]);
  return root;
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

function aptGet(args: readonly string[], env: Readonly<Record<string, string>>): void {
  const options = {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', ...env },
  } as const;
  execFileSync('apt-get', ['update', '-qq'], options);
  execFileSync('apt-get', ['-qq', ...args], options);
}
