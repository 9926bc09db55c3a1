/** VRFY (RFC 5321 section 3.5): always 252, so that it tells harvesters nothing (section 7.3). */
import { answer, everyState, type Command } from '../command.ts';
import { replies } from '../reply.ts';

export const vrfyCommand: Command = {
  verb: 'VRFY',
  syntax: 'VRFY user',
  purpose: 'is answered 252: RCPT tells whether an address is known',
  rfcs: ['RFC 5321 section 4.1.1.6', 'RFC 5321 section 7.3'],
  states: everyState,
  run: (_session, argument) =>
    answer(argument === '' ? replies.badArguments('the user is missing') : replies.cannotVerify),
};
