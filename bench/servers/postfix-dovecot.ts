/** What most would pick: Postfix, which hands over to Dovecot by LMTP. As Debian has it, and tuned. */
import type { BenchServer } from './bench-server.ts';
import { dovecotVersion, startDovecot } from './dovecot.ts';
import { postfixVersion, startPostfix } from './postfix.ts';

interface Tuning {
  readonly postfix: readonly string[];
  readonly dovecot: string;
}

const tuned: Tuning = {
  postfix: [
    'default_process_limit = 200',
    'in_flow_delay = 0',
    'lmtp_destination_concurrency_limit = 20',
    'initial_destination_concurrency = 20',
    'lmtp_connection_cache_on_demand = yes',
    'lmtp_connection_cache_destinations = static:all',
    'max_use = 1000',
  ],
  dovecot: `auth_cache_size = 10M
auth_cache_ttl = 1 hour
mail_always_cache_fields = flags imap.envelope imap.bodystructure date.received size.virtual hdr.from hdr.subject
service imap-login {
  service_count = 0
  process_min_avail = 2
}
service pop3-login {
  service_count = 0
  process_min_avail = 2
}
service imap {
  service_count = 0
  client_limit = 100
  process_min_avail = 8
}
service pop3 {
  service_count = 0
  process_min_avail = 8
}
service lmtp {
  process_min_avail = 8
}`,
};

function postfixWithDovecot(
  name: string,
  tuning: Tuning | undefined,
  settings: readonly string[],
): BenchServer {
  return {
    name,
    role: 'full',
    settings,
    async start({ portBase, scratch, certificate, users }) {
      const ports = { smtp: portBase, imap: portBase + 1, imaps: portBase + 2, pop3: portBase + 3 };
      const common = { scratch, certificate };
      const dovecot = await startDovecot({ ...common, users, ports, tuning: tuning?.dovecot ?? '' });
      const postfix = await startPostfix({
        ...common,
        port: ports.smtp,
        lmtpSocket: dovecot.lmtpSocket,
        tuning: tuning?.postfix ?? [],
      }).catch(async (fault: unknown) => {
        await dovecot.stop();
        throw fault;
      });
      return {
        ports,
        roots: [postfix.pid, dovecot.pid],
        async stop() {
          await postfix.stop();
          await dovecot.stop();
        },
      };
    },
  };
}

const both = [
  'Postfix: 250 waits for fsync of the queue file; a message is flushed again in the mailbox',
  'Dovecot: sdbox, mail_fsync = optimized, which flushes a message and its index before OK; passwords in clear in a file',
];

/** Started only where they are installed: see packages.ts. */
export const postfixDovecot = (): BenchServer =>
  postfixWithDovecot(`Postfix ${postfixVersion()} + Dovecot ${dovecotVersion()}`, undefined, [
    ...both,
    'everything else as it comes, but for limits on how many may connect',
  ]);

export const postfixDovecotTuned = (): BenchServer =>
  postfixWithDovecot(`Postfix ${postfixVersion()} + Dovecot ${dovecotVersion()}, tuned`, tuned, [
    ...both,
    'login and mail processes are kept and shared by sessions, logins cached, envelopes cached from the first',
    'Postfix: 200 processes, 20 LMTP connections kept, no flow delay',
    'Dovecot tells an idling session 0.5 s after a change: 2.3 has no setting for that',
  ]);
