/** NOOP (RFC 5321 section 4.1.1.9): nothing, whatever its argument. */
import { answer, everyState, type Command } from '../command.ts';
import { replies } from '../reply.ts';

export const noopCommand: Command = {
  verb: 'NOOP',
  syntax: 'NOOP',
  purpose: 'does nothing',
  rfcs: ['RFC 5321 section 4.1.1.9'],
  states: everyState,
  run: () => answer(replies.ok),
};
