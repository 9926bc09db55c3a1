/** EHLO (RFC 5321 section 4.1.1.1): who the client is; answered with the service extensions. Resets like RSET. */
import { answer, everyState, type Command } from '../command.ts';
import { replies } from '../reply.ts';
import { parseHeloName } from '../syntax/helo-name.ts';

export const ehloCommand: Command = {
  verb: 'EHLO',
  syntax: 'EHLO domain',
  purpose: 'says who you are, and asks which extensions there are',
  rfcs: ['RFC 5321 section 4.1.1.1'],
  states: everyState,
  async run(session, argument) {
    const name = parseHeloName(argument);
    if (name.kind === 'bad') return answer(replies.badArguments(name.reason));
    await session.reset();
    session.helo = { name: name.value, extended: true };
    const keywords = session.registry.extensions
      .map((extension) => extension.keyword(session))
      .filter((keyword) => keyword !== undefined);
    return answer(replies.ehlo(session.options.hostname, keywords));
  },
};
