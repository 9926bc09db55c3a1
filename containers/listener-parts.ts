/** What the engines of all protocols stand on, put together from a store's ports: the same in every program that listens. */
import type { Authenticator } from '../mail/auth/authenticator.ts';
import { createPasswordAuthenticator } from '../mail/auth/password-authenticator.ts';
import { PasswordHasher } from '../mail/auth/password.ts';
import type { CarryLimits } from '../mail/delivery/next-hop/carry-limits.ts';
import { findSuppressed } from '../mail/delivery/suppression.ts';
import type { Directory } from '../mail/directory/directory.ts';
import { AccountWatch } from '../mail/mailbox/account-watch.ts';
import type { MailStore } from '../mail/mailbox/mail-store.ts';
import type { RandomBytes } from '../mail/mailbox/types.ts';
import { mailboxMaildrops } from '../mail/pop3/mailbox-maildrop.ts';
import type { MaildropHost } from '../mail/pop3/maildrop.ts';
import type { Blobs } from '../mail/ports/blobs.ts';
import type { Clock } from '../mail/ports/clock.ts';
import type { Log } from '../mail/ports/log.ts';
import type { Metrics } from '../mail/ports/metrics.ts';
import type { Queue } from '../mail/ports/queue.ts';
import type { Table } from '../mail/ports/table.ts';
import type { Wake } from '../mail/ports/wake.ts';
import type { FileNow } from '../mail/routing/accept-ports.ts';
import { createSmtpHost } from '../mail/routing/accept.ts';
import type { DeliverJob, RouteJob } from '../mail/routing/jobs.ts';
import type { SmtpHost } from '../mail/smtp/host.ts';
import type { SitePorts } from '../mail/web/site.ts';

export interface ListenerParts {
  readonly settings: ListenerSettings;
  readonly smtpHost: SmtpHost;
  readonly store: MailStore;
  readonly blobs: Blobs;
  readonly watch: AccountWatch;
  readonly random: RandomBytes;
  readonly maildrops: MaildropHost;
  readonly authenticator: Authenticator;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What an admin sets. */
export interface ListenerSettings {
  readonly hostname: string;
  /** In bytes. */
  readonly maxMessageSize: number;
  /** What can leave from here; everything, unless given. */
  readonly carries?: CarryLimits;
  /** Whether a password may come without TLS from this machine itself. */
  readonly loopbackPasswords: boolean;
  /** What mail clients and other servers are told by HTTPS. */
  readonly site: Omit<SitePorts, 'isOurs'>;
}

/** What the parts are made from. */
export interface ListenerPorts {
  readonly settings: ListenerSettings;
  readonly directory: Directory;
  readonly hasher?: PasswordHasher;
  readonly table: Table;
  readonly blobs: Blobs;
  readonly wake: Wake;
  readonly mail: MailStore;
  readonly routeQueue: Queue<RouteJob>;
  readonly deliverQueue: Queue<DeliverJob>;
  readonly fileNow?: FileNow;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Disposing ends what they have begun; the ports are the caller's. */
export async function openListenerParts(ports: ListenerPorts): Promise<ListenerParts & AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  const { settings, directory, table, blobs, wake, mail, clock, random, log, metrics } = ports;
  const { routeQueue, deliverQueue } = ports;
  const { hasher = new PasswordHasher() } = ports;
  const authenticator = opening.use(
    createPasswordAuthenticator({ directory, table, clock, log, metrics, hasher }),
  );
  const { hostname, carries } = settings;
  const smtpHost = createSmtpHost({
    ...{ directory, mail, blobs, routeQueue, deliverQueue, clock, log, random, hostname },
    ...(carries === undefined ? {} : { carries }),
    ...(ports.fileNow === undefined ? {} : { fileNow: ports.fileNow }),
    isSuppressed: async (address) => (await findSuppressed(table, [address])).has(address),
  });
  const watch = opening.use(await AccountWatch.start({ table, wake, clock, log }));
  const opened = opening.move();
  return {
    settings,
    smtpHost,
    store: mail,
    blobs,
    watch,
    random,
    maildrops: mailboxMaildrops({ store: mail, blobs, clock, log }),
    authenticator,
    directory,
    clock,
    log,
    metrics,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
