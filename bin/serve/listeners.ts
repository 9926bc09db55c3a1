/** The mail ports: which protocol in which role stands on which of them, and with what limits. */
import type { Listener } from '../../containers/listener/service.ts';
import type { Authenticator } from '../../mail/auth/authenticator.ts';
import { loginMechanism } from '../../mail/auth/sasl/login.ts';
import { plainMechanism } from '../../mail/auth/sasl/plain.ts';
import { imapEngine } from '../../mail/imap/engine.ts';
import { imapLimits } from '../../mail/imap/limits.ts';
import type { AccountWatch } from '../../mail/mailbox/account-watch.ts';
import type { MailStore } from '../../mail/mailbox/mail-store.ts';
import type { RandomBytes } from '../../mail/mailbox/types.ts';
import type { Blobs } from '../../mail/ports/blobs.ts';
import type { Clock } from '../../mail/ports/clock.ts';
import type { Log } from '../../mail/ports/log.ts';
import type { Metrics } from '../../mail/ports/metrics.ts';
import { pop3Engine } from '../../mail/pop3/engine.ts';
import { pop3Limits } from '../../mail/pop3/limits.ts';
import type { MaildropHost } from '../../mail/pop3/maildrop.ts';
import { smtpEngine } from '../../mail/smtp/engine.ts';
import type { Role, SmtpHost } from '../../mail/smtp/host.ts';
import { smtpLimits } from '../../mail/smtp/limits.ts';
import { standardPorts, type ServeOptions } from '../options.ts';

export interface ListenerParts {
  readonly options: ServeOptions;
  readonly hostname: string;
  readonly smtpHost: SmtpHost;
  readonly store: MailStore;
  readonly blobs: Blobs;
  readonly watch: AccountWatch;
  readonly random: RandomBytes;
  readonly maildrops: MaildropHost;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export function mailListeners(parts: ListenerParts): readonly Listener[] {
  const { options } = parts;
  const on = (standard: number) => ({
    port: options.portBase + standard,
    proxy: options.proxyProtocol.get(standard) ?? 'off',
  });
  return [
    { ...smtp(parts, 'mta'), ...on(standardPorts.smtp), tls: 'starttls' },
    { ...smtp(parts, 'msa'), ...on(standardPorts.submission), tls: 'starttls' },
    { ...smtp(parts, 'msa'), ...on(standardPorts.submissions), tls: 'implicit' },
    { ...imap(parts), ...on(standardPorts.imap), tls: 'starttls' },
    { ...imap(parts), ...on(standardPorts.imaps), tls: 'implicit' },
    { ...pop3(parts), ...on(standardPorts.pop3), tls: 'starttls' },
    { ...pop3(parts), ...on(standardPorts.pop3s), tls: 'implicit' },
  ];
}

const mechanisms = [plainMechanism, loginMechanism];

function smtp(parts: ListenerParts, role: Role) {
  const { options, hostname, smtpHost, authenticator, clock, log, metrics } = parts;
  return {
    protocol: 'smtp',
    role,
    engine: smtpEngine({
      role,
      hostname,
      host: smtpHost,
      authenticator,
      mechanisms,
      tlsAvailable: true,
      loopbackPasswords: options.loopbackPasswords,
      limits: { ...smtpLimits, messageBytes: options.maxMessageSize },
      clock,
      log,
      metrics,
    }),
    texts: {
      tooManyConnections: '421 4.7.0 Too many connections; close some and try again later\r\n',
      fault: '421 4.3.0 Something went wrong on this server; try again later\r\n',
    },
  };
}

function imap(parts: ListenerParts) {
  const { options, store, blobs, watch, authenticator, clock, random, log, metrics } = parts;
  return {
    protocol: 'imap',
    role: 'maa',
    engine: imapEngine({
      store,
      blobs,
      watch,
      authenticator,
      mechanisms,
      tlsAvailable: true,
      loopbackPasswords: options.loopbackPasswords,
      limits: { ...imapLimits, messageBytes: options.maxMessageSize },
      clock,
      random,
      log,
      metrics,
    }),
    texts: {
      tooManyConnections: '* BYE [UNAVAILABLE] Too many connections; close some and try again later\r\n',
      fault: '* BYE [UNAVAILABLE] Something went wrong on this server; try again later\r\n',
    },
  };
}

function pop3(parts: ListenerParts) {
  const { options, maildrops, authenticator, clock, log, metrics } = parts;
  return {
    protocol: 'pop3',
    role: 'maa',
    engine: pop3Engine({
      host: maildrops,
      authenticator,
      mechanisms,
      tlsAvailable: true,
      loopbackPasswords: options.loopbackPasswords,
      limits: pop3Limits,
      clock,
      log,
      metrics,
    }),
    texts: {
      tooManyConnections: '-ERR [SYS/TEMP] Too many connections; close some and try again later\r\n',
      fault: '-ERR [SYS/TEMP] Something went wrong on this server; try again later\r\n',
    },
  };
}
