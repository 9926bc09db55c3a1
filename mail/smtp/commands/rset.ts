/** RSET (RFC 5321 section 4.1.1.5): drops the transaction; greeting, TLS and authentication stay. */
import { answer, everyState, type Command } from '../command.ts';
import { replies } from '../reply.ts';

export const rsetCommand: Command = {
  verb: 'RSET',
  syntax: 'RSET',
  purpose: 'drops the message that was begun',
  rfcs: ['RFC 5321 section 4.1.1.5'],
  states: everyState,
  async run(session, argument) {
    if (argument !== '') return answer(replies.badArguments('RSET takes none'));
    await session.reset();
    return answer(replies.ok);
  },
};
