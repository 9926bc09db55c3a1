/** STARTTLS (RFC 3207). What the client sent behind it before the handshake is thrown away by the runtime. */
import { answer, outsideTransaction, type Command } from '../command.ts';
import { replies } from '../reply.ts';

export const startTlsCommand: Command = {
  verb: 'STARTTLS',
  syntax: 'STARTTLS',
  purpose: 'secures the connection; then say EHLO again',
  rfcs: ['RFC 3207 section 4'],
  states: outsideTransaction,
  run(session, argument) {
    if (argument !== '') return answer(replies.badArguments('STARTTLS takes none'));
    if (session.tls !== undefined) return answer(replies.sequence('The connection is secured already'));
    if (!session.options.tlsAvailable)
      return answer(replies.notImplemented('STARTTLS is not available here'));
    return { kind: 'tls', reply: replies.startTls };
  },
};
