/** IMAP as it stands on a port. */
import { imapEngine } from '../../mail/imap/engine.ts';
import { imapLimits } from '../../mail/imap/limits.ts';
import type { Service } from '../listener/service.ts';
import type { ListenerParts } from '../listener-parts.ts';
import { mechanisms } from '../mechanisms.ts';

export function imapService(parts: ListenerParts): Omit<Service, 'tls'> {
  const { settings, store, blobs, watch, authenticator, clock, random, log, metrics } = parts;
  const { loopbackPasswords, maxMessageSize } = settings;
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
      loopbackPasswords,
      limits: { ...imapLimits, messageBytes: maxMessageSize },
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
