/** The whole server in one process: opened in order, and closed in the reverse of it. */
import { hostname as machineName } from 'node:os';
import { Certificates, certificateFiles } from '../../containers/listener/certificates.ts';
import { listen, type Listening } from '../../containers/listener/listen.ts';
import { lockServer } from '../../drivers/embedded/server-lock.ts';
import { createMetrics } from '../../drivers/system/metrics.ts';
import { createPasswordAuthenticator } from '../../mail/auth/password-authenticator.ts';
import { Directory } from '../../mail/directory/directory.ts';
import { canonicalDomain } from '../../mail/message/address.ts';
import { mailboxMaildrops } from '../../mail/pop3/mailbox-maildrop.ts';
import { createSmtpHost } from '../../mail/routing/accept.ts';
import type { Log } from '../../mail/ports/log.ts';
import { openOneMachine, type OneMachine } from '../one-machine.ts';
import type { ServeOptions } from '../options.ts';
import { makeFirstAccounts } from './first-accounts.ts';
import { startHousekeeping } from './housekeeping.ts';
import { mailListeners } from './listeners.ts';
import { ownCertificate } from './own-certificate.ts';
import type { Welcome } from './print-welcome.ts';
import { startWorkers } from './workers.ts';

/** How long sessions may take to end when the server stops. */
const graceMs = 10_000;

export interface Server {
  readonly listening: Listening;
  /** What was made in an empty data directory. */
  readonly welcome: Welcome | undefined;
  /** Drains, finishes what is under way, and closes the data directory. */
  stop(): Promise<void>;
}
