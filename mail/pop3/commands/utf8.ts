/**
 * UTF8 (RFC 6856 section 2): the client takes UTF-8 in header fields. Messages come back exactly as they are stored
 * either way (`retr.ts` says why); names and passwords may be UTF-8 without it.
 */
import { answer, type Command } from '../command.ts';
import { replies } from '../reply.ts';

export const utf8Command: Command = {
  verb: 'UTF8',
  rfcs: ['RFC 6856 section 2'],
  states: ['authorization'],
  run(session, argument) {
    if (argument.trim() !== '') return answer(replies.badArguments('UTF8 takes none'));
    session.utf8 = true;
    return answer(replies.utf8);
  },
};
