/** Debian's Dovecot: IMAP, POP3, and LMTP behind a Unix socket; virtual users in a file, their mail in sdbox. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { password, userAddress, type ServerOptions } from './bench-server.ts';
import { startDaemon, type Daemon } from './daemon.ts';

export interface DovecotOptions extends Pick<ServerOptions, 'scratch' | 'certificate' | 'users'> {
  readonly ports: { readonly imap: number; readonly imaps: number; readonly pop3: number };
  /** More of dovecot.conf. */
  readonly tuning?: string;
}

/** Its mail belongs to this user. */
const mailUser = 'nobody';

export const dovecotDurability =
  'Dovecot: sdbox, mail_fsync = optimized, which flushes a message and its index before OK; passwords in clear in a file';

export function dovecotVersion(): string {
  return execFileSync('dovecot', ['--version'], { encoding: 'utf8' }).split(' ')[0]?.trim() ?? '';
}

export async function startDovecot(
  options: DovecotOptions,
): Promise<Daemon & { readonly lmtpSocket: string }> {
  const folder = join(options.scratch, 'dovecot');
  if (!existsSync(join(folder, 'mail'))) {
    for (const name of ['mail', 'run', 'state']) mkdirSync(join(folder, name), { recursive: true });
    execFileSync('chown', [mailUser, join(folder, 'mail')]);
  }
  const numbers = Array.from({ length: options.users }, (_, number) => number);
  const users = numbers.map((number) => `${userAddress(number)}:{PLAIN}${password}::::::`);
  writeFileSync(join(folder, 'users'), `${users.join('\n')}\n`);
  const config = join(folder, 'dovecot.conf');
  writeFileSync(config, dovecotConf(folder, options));
  const { imap, imaps, pop3 } = options.ports;
  const daemon = await startDaemon({
    command: '/usr/sbin/dovecot',
    args: ['-F', '-c', config],
    ports: [imap, imaps, pop3],
    log: join(folder, 'dovecot.log'),
  });
  return { ...daemon, lmtpSocket: join(folder, 'run/lmtp') };
}

function dovecotConf(folder: string, { ports, certificate, tuning = '' }: DovecotOptions): string {
  return `protocols = imap pop3 lmtp
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
listen = 127.0.0.1
ssl = yes
ssl_cert = <${certificate.cert}
ssl_key = <${certificate.key}
disable_plaintext_auth = no
mail_location = sdbox:~/sdbox
mail_uid = ${mailUser}
mail_gid = nogroup
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = ${folder}/users
}
userdb {
  driver = passwd-file
  args = ${folder}/users
  override_fields = uid=${mailUser} gid=nogroup home=${folder}/mail/%u
}
namespace inbox {
  inbox = yes
}
# Limits that 5,000 sessions and 8 clients of one address do not reach.
mail_max_userip_connections = 100000
default_client_limit = 16000
default_process_limit = 8000
service imap-login {
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = ${ports.imaps}
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${ports.pop3}
  }
  inet_listener pop3s {
    port = 0
  }
}
service imap-login {
  process_limit = 8000
}
service imap {
  process_limit = 8000
}
service lmtp {
  unix_listener lmtp {
    mode = 0666
  }
}
${tuning}
`;
}
