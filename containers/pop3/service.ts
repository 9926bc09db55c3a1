/** POP3 as it stands on a port. */
import { pop3Engine } from '../../mail/pop3/engine.ts';
import { pop3Limits } from '../../mail/pop3/limits.ts';
import type { Service } from '../listener/service.ts';
import type { ListenerParts } from '../listener-parts.ts';
import { mechanisms } from '../mechanisms.ts';

export function pop3Service(parts: ListenerParts): Omit<Service, 'tls'> {
  const { settings, maildrops, authenticator, clock, log, metrics } = parts;
  return {
    protocol: 'pop3',
    role: 'maa',
    engine: pop3Engine({
      host: maildrops,
      authenticator,
      mechanisms,
      tlsAvailable: true,
      loopbackPasswords: settings.loopbackPasswords,
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
