/** STLS (RFC 2595 section 4). What the client sent behind it before the handshake is thrown away. */
import { answer, type Command } from '../command.ts';
import { replies } from '../reply.ts';

export const stlsCommand: Command = {
  verb: 'STLS',
  rfcs: ['RFC 2595 section 4'],
  states: ['authorization'],
  run(session, argument) {
    if (argument !== '') return answer(replies.badArguments('STLS takes none'));
    if (session.tls !== undefined) return answer(replies.sequence('The connection is secured already'));
    if (!session.options.tlsAvailable) return answer(replies.tlsUnavailable);
    return { kind: 'tls', reply: replies.startTls };
  },
};
