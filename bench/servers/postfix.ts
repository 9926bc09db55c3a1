/** Debian's Postfix, which hands all mail for the benchmark's users to an LMTP server behind a Unix socket. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { domain, type ServerOptions } from './bench-server.ts';
import { startDaemon, type Daemon } from './daemon.ts';

const master = '/usr/lib/postfix/sbin/master';

export interface PostfixOptions extends Pick<ServerOptions, 'scratch' | 'certificate'> {
  readonly port: number;
  /** Of the LMTP server. */
  readonly lmtpSocket: string;
  /** More lines of main.cf. */
  readonly tuning?: readonly string[];
}

export const postfixDurability =
  'Postfix: 250 waits for fsync of the queue file; a message is flushed again in the mailbox';

export function postfixVersion(): string {
  return execFileSync('postconf', ['-d', '-h', 'mail_version'], { encoding: 'utf8' }).trim();
}

/** It changes users, and so wants to be root. */
export async function startPostfix(options: PostfixOptions): Promise<Daemon> {
  if (process.getuid?.() !== 0)
    throw new Error('Postfix must be started as root. Run the benchmark as root.');
  const folder = join(options.scratch, 'postfix');
  const etc = join(folder, 'etc');
  if (!existsSync(etc)) {
    for (const name of ['etc', 'queue', 'data']) mkdirSync(join(folder, name), { recursive: true });
    chmodSync(options.scratch, 0o755);
    execFileSync('chown', ['postfix', join(folder, 'data')]);
  }
  writeFileSync(join(etc, 'main.cf'), mainCf(folder, options));
  writeFileSync(join(etc, 'master.cf'), masterCf(options.port));
  execFileSync('postfix', ['-c', etc, 'check'], { stdio: 'ignore' });
  return startDaemon({
    command: master,
    args: ['-c', etc, '-d'],
    ports: [options.port],
    log: join(folder, 'mail.log'),
  });
}

function mainCf(folder: string, { certificate, lmtpSocket, tuning = [] }: PostfixOptions): string {
  return `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
meta_directory = /etc/postfix
maillog_file = ${folder}/mail.log
maillog_file_prefixes = ${folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.bench.test
mydestination =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = ${domain}
virtual_mailbox_maps = static:all
virtual_transport = lmtp:unix:${lmtpSocket}
message_size_limit = 60000000
mailbox_size_limit = 0
virtual_mailbox_limit = 0
default_database_type = texthash
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_client_connection_count_limit = 0
smtpd_tls_security_level = may
smtpd_tls_cert_file = ${certificate.cert}
smtpd_tls_key_file = ${certificate.key}
${tuning.join('\n')}
`;
}

function masterCf(port: number): string {
  return `127.0.0.1:${port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
}
