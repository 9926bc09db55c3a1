/** HELO (RFC 5321 section 4.1.1.1): what clients without extensions say. */
import { answer, everyState, type Command } from '../command.ts';
import { replies } from '../reply.ts';
import { parseHeloName } from '../syntax/helo-name.ts';

export const heloCommand: Command = {
  verb: 'HELO',
  syntax: 'HELO domain',
  purpose: 'says who you are, without extensions',
  rfcs: ['RFC 5321 section 4.1.1.1'],
  states: everyState,
  async run(session, argument) {
    const name = parseHeloName(argument);
    if (name.kind === 'bad') return answer(replies.badArguments(name.reason));
    await session.reset();
    session.helo = { name: name.value, extended: false };
    return answer(replies.helo(session.options.hostname));
  },
};
