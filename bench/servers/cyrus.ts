/** Debian's Cyrus IMAP, unpacked beside Dovecot: IMAP, POP3, and LMTP behind a Unix socket; users in a file of SASL's. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { domain, password, type ServerOptions } from './bench-server.ts';
import { startDaemon } from './daemon.ts';
import type { Store, StorePorts } from './mta-and-store.ts';
import type { Unpacked } from './packages.ts';

/** The last makes the file of users. */
export const cyrusPackages: readonly string[] = ['cyrus-imapd', 'cyrus-pop3d', 'sasl2-bin'];

export interface CyrusOptions extends Pick<ServerOptions, 'scratch' | 'certificate' | 'users'> {
  readonly ports: Pick<StorePorts, 'imap' | 'imaps' | 'pop3'>;
}

/** Its processes run as this user, and its mail belongs to it. */
const cyrusUser = 'nobody';
/** Of its small programs. */
const programMs = 60_000;

const program = ({ root }: Unpacked, name: string) => join(root, 'usr/lib/cyrus/bin', name);

export function cyrusVersion(unpacked: Unpacked): string {
  const said = execFileSync(program(unpacked, 'master'), ['-V'], {
    encoding: 'utf8',
    env: unpacked.env,
    timeout: programMs,
  });
  return /\d+(?:\.\d+)+/.exec(said)?.[0] ?? '';
}

/** It changes users, and so wants to be root. */
export async function startCyrus(unpacked: Unpacked, options: CyrusOptions): Promise<Store> {
  const folder = join(options.scratch, 'cyrus');
  if (!existsSync(folder)) {
    for (const name of ['state', 'mail', 'sieve', 'run/proc', 'run/lock', 'state/socket'])
      mkdirSync(join(folder, name), { recursive: true });
    addUsers(unpacked, { users: options.users, file: join(folder, 'users') });
    execFileSync('chown', ['-R', cyrusUser, folder]);
  }
  // It reads the key as its own user.
  copyFileSync(options.certificate.cert, join(folder, 'certificate.pem'));
  copyFileSync(options.certificate.key, join(folder, 'key.pem'));
  execFileSync('chown', [cyrusUser, join(folder, 'key.pem')]);
  const imapdConf = join(folder, 'imapd.conf');
  const cyrusConf = join(folder, 'cyrus.conf');
  writeFileSync(imapdConf, imapdSettings(folder));
  writeFileSync(cyrusConf, services(folder, { unpacked, imapdConf, ports: options.ports }));
  const { imap, imaps, pop3 } = options.ports;
  const daemon = await startDaemon({
    command: program(unpacked, 'master'),
    args: ['-C', imapdConf, '-M', cyrusConf, '-p', join(folder, 'master.pid'), '-l', '1024'],
    env: { ...unpacked.env, CYRUS_USER: cyrusUser },
    ports: [imap, imaps, pop3],
    log: join(folder, 'cyrus.log'),
  });
  return { ...daemon, lmtpSocket: join(folder, 'run/lmtp') };
}

function addUsers(
  unpacked: Unpacked,
  { users, file }: { readonly users: number; readonly file: string },
): void {
  for (let number = 0; number < users; number++)
    execFileSync(
      join(unpacked.root, 'usr/sbin/saslpasswd2'),
      ['-p', '-c', '-f', file, '-u', domain, `user${number}`],
      { input: password, env: unpacked.env, timeout: programMs },
    );
}

function imapdSettings(folder: string): string {
  return `configdirectory: ${folder}/state
defaultpartition: default
partition-default: ${folder}/mail
sievedir: ${folder}/sieve
proc_path: ${folder}/run/proc
mboxname_lockpath: ${folder}/run/lock
lmtpsocket: ${folder}/run/lmtp
idlesocket: ${folder}/run/idle
hashimapspool: yes
cyrus_user: ${cyrusUser}
cyrus_group: nogroup
servername: mx.bench.test
virtdomains: userid
defaultdomain: example.net
# Mailboxes are made at the first login or message.
autocreate_quota: 0
autocreate_post: yes
allowplaintext: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: ${folder}/users
sasl_mech_list: PLAIN
tls_server_cert: ${folder}/certificate.pem
tls_server_key: ${folder}/key.pem
# A client may log in again at once.
popminpoll: 0
`;
}

interface ServicesOptions {
  readonly unpacked: Unpacked;
  readonly imapdConf: string;
  readonly ports: CyrusOptions['ports'];
}

/** `-d` keeps idled in the foreground, where the master ends it. */
function services(folder: string, { unpacked, imapdConf, ports }: ServicesOptions): string {
  const run = (name: string, more = '') => `cmd="${program(unpacked, name)} -C ${imapdConf}${more}"`;
  const listen = (port: number) => `listen="127.0.0.1:${port}" prefork=8 maxchild=8000`;
  return `START {
  recover ${run('ctl_cyrusdb', ' -r')}
}
DAEMON {
  idled ${run('idled', ' -d')}
}
SERVICES {
  imap ${run('imapd')} ${listen(ports.imap)}
  imaps ${run('imapd', ' -s')} ${listen(ports.imaps)}
  pop3 ${run('pop3d')} ${listen(ports.pop3)}
  lmtp ${run('lmtpd')} listen="${folder}/run/lmtp" prefork=8
}
EVENTS {
  checkpoint ${run('ctl_cyrusdb', ' -c')} period=30
}
`;
}
