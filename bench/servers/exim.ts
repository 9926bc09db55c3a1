/** Debian's Exim, unpacked beside Postfix: it hands all mail for the benchmark's users to an LMTP server behind a Unix socket. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { domain, type ServerOptions } from './bench-server.ts';
import { startDaemon } from './daemon.ts';
import type { Mta } from './mta-and-store.ts';
import type { Unpacked } from './packages.ts';

export const eximPackages: readonly string[] = ['exim4-daemon-light'];
/** Debian's build asks for it at every start. */
export const eximUser = 'Debian-exim';
const versionMs = 10_000;

export interface EximOptions extends Pick<ServerOptions, 'scratch' | 'certificate'> {
  readonly port: number;
  /** Of the LMTP server. */
  readonly lmtpSocket: string;
}

const program = ({ root }: Unpacked) => join(root, 'usr/sbin/exim4');

export function eximVersion(unpacked: Unpacked): string {
  const said = execFileSync(program(unpacked), ['-C', '/dev/null', '-bV'], {
    encoding: 'utf8',
    env: unpacked.env,
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: versionMs,
  });
  return /^Exim version (\S+)/.exec(said)?.[1] ?? '';
}

/** It changes users, and so wants to be root. */
export async function startExim(unpacked: Unpacked, options: EximOptions): Promise<Mta> {
  const folder = join(options.scratch, 'exim');
  const spool = join(folder, 'spool');
  for (const name of ['spool/input', 'log']) mkdirSync(join(folder, name), { recursive: true });
  // It reads the key as its own user.
  copyFileSync(options.certificate.cert, join(folder, 'certificate.pem'));
  copyFileSync(options.certificate.key, join(folder, 'key.pem'));
  const config = join(folder, 'exim.conf');
  writeFileSync(config, eximConf(folder, unpacked, options));
  execFileSync('chown', [
    '-R',
    `${eximUser}:${eximUser}`,
    spool,
    join(folder, 'log'),
    join(folder, 'key.pem'),
  ]);
  const daemon = await startDaemon({
    command: program(unpacked),
    args: ['-C', config, '-bdf', '-q1m', '-oX', `127.0.0.1:${options.port}`, '-oP', join(folder, 'exim.pid')],
    env: unpacked.env,
    ports: [options.port],
    log: join(folder, 'log/mainlog'),
  });
  return {
    ...daemon,
    cpuUncounted: true,
    isDelivering: () => readdirSync(join(spool, 'input')).length > 0,
  };
}

function eximConf(folder: string, unpacked: Unpacked, { lmtpSocket }: EximOptions): string {
  return `primary_hostname = mx.bench.test
exim_path = ${program(unpacked)}
spool_directory = ${folder}/spool
log_file_path = ${folder}/log/%slog
keep_environment = LD_LIBRARY_PATH
deliver_drop_privilege = true
message_size_limit = 60M
tls_advertise_hosts = *
tls_certificate = ${folder}/certificate.pem
tls_privatekey = ${folder}/key.pem
acl_smtp_rcpt = recipient
# Limits that 8 clients of one address do not reach; after 10 messages of a session the rest would wait for a queue run.
smtp_accept_max = 0
smtp_accept_queue_per_connection = 0
begin acl
recipient:
  accept domains = ${domain}
  deny message = relaying is denied
begin routers
mailboxes:
  driver = accept
  domains = ${domain}
  transport = dovecot
begin transports
dovecot:
  driver = lmtp
  socket = ${lmtpSocket}
begin retry
* * F,1h,1s
`;
}
