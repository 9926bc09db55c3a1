/** EXPN (RFC 5321 section 3.5): not here; who is on a list is nobody's business (section 7.3). */
import { answer, everyState, type Command } from '../command.ts';
import { replies } from '../reply.ts';

export const expnCommand: Command = {
  verb: 'EXPN',
  syntax: 'EXPN list',
  purpose: 'is not available: lists are not expanded',
  rfcs: ['RFC 5321 section 4.1.1.7', 'RFC 5321 section 7.3'],
  states: everyState,
  run: () => answer(replies.notImplemented('Lists are not expanded here')),
};
