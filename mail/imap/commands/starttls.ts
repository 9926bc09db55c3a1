/** STARTTLS (RFC 3501 section 6.2.1). What the client sent behind it before the handshake is thrown away. */
import { badArguments, done, type Command } from '../command.ts';
import { statuses } from '../status.ts';

export const starttlsCommand: Command = {
  name: 'STARTTLS',
  rfcs: ['RFC 3501 section 6.2.1'],
  states: ['notAuthenticated'],
  run(session, args) {
    if (!args.end()) return badArguments('STARTTLS', args);
    if (session.tls !== undefined) return done(statuses.secured);
    if (!session.options.tlsAvailable) return done(statuses.tlsUnavailable);
    return { kind: 'tls', status: { status: 'OK', text: 'Begin TLS negotiation' } };
  },
};
