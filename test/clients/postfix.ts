/**
 * Debian's Postfix as another server: its own configuration, queue and ports in a folder that goes with it. Its master
 * changes users, and so wants to be root.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LineClient } from '../end-to-end/line-client.ts';
import { ownCertificate } from '../../bin/serve/own-certificate.ts';
import { runClient } from './run.ts';

const master = '/usr/lib/postfix/sbin/master';

/** Why Postfix cannot be a peer here; false where it can. */
export const noPostfix: string | false = !existsSync(master)
  ? 'Postfix is not installed'
  : process.getuid?.() !== 0 && 'Postfix must be started as root';

export interface PostfixOptions {
  readonly port: number;
  /** Where it offers no 8BITMIME, SMTPUTF8, DSN, PIPELINING or CHUNKING. */
  readonly plainPort: number;
  /** Each at postfix.test and at plain.test, which are its domains. */
  readonly mailboxes: readonly string[];
  /** Where its mail for a domain goes, and never without TLS. */
  readonly route: { readonly domain: string; readonly port: number };
}

export class Postfix implements AsyncDisposable {
  readonly folder: string;
  readonly #options: PostfixOptions;
  #child: ChildProcess | undefined;

  private constructor(folder: string, options: PostfixOptions) {
    this.folder = folder;
    this.#options = options;
  }

  static async start(options: PostfixOptions): Promise<Postfix> {
    const folder = await mkdtemp(join(tmpdir(), 'posta-postfix-'));
    const postfix = new Postfix(folder, options);
    await postfix.#configure();
    await postfix.#run();
    return postfix;
  }

  /** What it has logged. */
  async log(): Promise<string> {
    return readFile(join(this.folder, 'mail.log'), 'utf8');
  }

  /** Waits until the mailbox holds `count` messages, no more and no fewer, and gives them, with CRLF. */
  async messagesOf(name: string, count: number): Promise<readonly Buffer[]> {
    const maildir = join(this.folder, 'mail', name, 'new');
    const deadline = Date.now() + 20_000;
    for (;;) {
      const files = (existsSync(maildir) ? await readdir(maildir) : []).toSorted();
      if (files.length === count)
        return Promise.all(files.map(async (file) => withCrlf(await readFile(join(maildir, file)))));
      assert.ok(
        files.length < count && Date.now() < deadline,
        `${name} has ${files.length} messages, not ${count}:\n${await this.log()}`,
      );
      await sleep(50);
    }
  }

  /** As `messagesOf`, and deletes them. */
  async takeMessages(name: string, count: number): Promise<readonly Buffer[]> {
    const messages = await this.messagesOf(name, count);
    await rm(join(this.folder, 'mail', name), { recursive: true, force: true });
    return messages;
  }

  /** Waits until its log says it. */
  async logs(expected: RegExp): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (!expected.test(await this.log())) {
      assert.ok(Date.now() < deadline, `it never logged ${expected}:\n${await this.log()}`);
      await sleep(50);
    }
  }

  async #configure(): Promise<void> {
    const { folder } = this;
    // Its processes run as users of their own.
    await chmod(folder, 0o755);
    const etc = join(folder, 'etc');
    for (const name of ['etc', 'queue', 'data', 'mail']) await mkdir(join(folder, name));
    await chown(join(folder, 'data'), await idOf('-u', 'postfix'), 0);
    await chown(join(folder, 'mail'), await idOf('-u', 'nobody'), 0);
    await ownCertificate(folder, ['mx.postfix.test']);
    await cp(join(folder, 'tls'), join(etc, 'tls'), { recursive: true });
    await writeFile(join(etc, 'main.cf'), await this.#main());
    await writeFile(join(etc, 'master.cf'), this.#services());
    const checked = await runClient('postfix', ['-c', etc, 'check']);
    assert.equal(checked.code, 0, checked.stdout + checked.stderr);
  }

  async #main(): Promise<string> {
    const { folder } = this;
    const { mailboxes, route } = this.#options;
    const files = ['postfix.test', 'plain.test'].flatMap((domain) =>
      mailboxes.map((name) => `{ ${name}@${domain} = ${name}/ }`),
    );
    const nobody = await idOf('-u', 'nobody');
    return `
compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
meta_directory = /etc/postfix
maillog_file = ${folder}/mail.log
maillog_file_prefixes = ${folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.postfix.test
mydestination =
alias_maps =
virtual_mailbox_domains = postfix.test, plain.test
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = inline:{ ${files.join(' ')} }
virtual_minimum_uid = 1
virtual_uid_maps = static:${nobody}
virtual_gid_maps = static:${nobody}
virtual_mailbox_limit = 0
mailbox_size_limit = 0
message_size_limit = 60000000
default_database_type = texthash
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_cert_file = ${folder}/etc/tls/certificate.pem
smtpd_tls_key_file = ${folder}/etc/tls/key.pem
smtpd_tls_loglevel = 1
smtp_tls_security_level = encrypt
smtp_tls_loglevel = 1
transport_maps = inline:{ { ${route.domain} = smtp:[127.0.0.1]:${route.port} } }
smtputf8_enable = yes
minimal_backoff_time = 1s
queue_run_delay = 1s
`;
  }

  #services(): string {
    const { port, plainPort } = this.#options;
    const plain = '-o smtpd_discard_ehlo_keywords=8bitmime,smtputf8,dsn,pipelining,chunking';
    return `
127.0.0.1:${port} inet n - n - - smtpd
127.0.0.1:${plainPort} inet n - n - - smtpd ${plain}
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
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
  }

  async #run(): Promise<void> {
    // A process group of its own: at its end the master takes that with it.
    const child = spawn(master, ['-c', join(this.folder, 'etc'), '-d'], { stdio: 'ignore', detached: true });
    this.#child = child;
    const deadline = Date.now() + 20_000;
    for (const port of [this.#options.port, this.#options.plainPort])
      while (!(await answers(port))) {
        assert.ok(child.exitCode === null && Date.now() < deadline, 'Postfix did not start');
        await sleep(50);
      }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    if (child?.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A numeric id of a user. */
async function idOf(which: '-u' | '-g', user: string): Promise<number> {
  const { code, stdout } = await runClient('id', [which, user]);
  assert.equal(code, 0, `there is no user ${user}`);
  return Number(stdout);
}

async function answers(port: number): Promise<boolean> {
  try {
    using client = await LineClient.connect(port);
    return (await client.reply()).startsWith('220 ');
  } catch {
    return false;
  }
}

/** Maildirs have the system's line ends. */
function withCrlf(message: Buffer): Buffer {
  return Buffer.from(message.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');
}
