/** SMTP as it stands on a port: `mta` takes mail from other servers, `msa` from our own users. */
import { smtpEngine } from '../../mail/smtp/engine.ts';
import type { Role } from '../../mail/smtp/host.ts';
import { smtpLimits } from '../../mail/smtp/limits.ts';
import type { Service } from '../listener/service.ts';
import type { ListenerParts } from '../listener-parts.ts';
import { mechanisms } from '../mechanisms.ts';

export function smtpService(parts: ListenerParts, role: Role): Omit<Service, 'tls'> {
  const { settings, smtpHost, authenticator, clock, log, metrics } = parts;
  const { hostname, loopbackPasswords, maxMessageSize } = settings;
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
      loopbackPasswords,
      limits: { ...smtpLimits, messageBytes: maxMessageSize },
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
