/** QUIT (RFC 5321 section 4.1.1.10): ends the session; a message under way is dropped. */
import { answer, everyState, type Command } from '../command.ts';
import { replies } from '../reply.ts';

export const quitCommand: Command = {
  verb: 'QUIT',
  syntax: 'QUIT',
  purpose: 'ends the session',
  rfcs: ['RFC 5321 section 4.1.1.10'],
  progress: true,
  states: everyState,
  async run(session, argument) {
    if (argument !== '') return answer(replies.badArguments('QUIT takes none'));
    await session.reset();
    return { kind: 'end', reply: replies.bye };
  },
};
