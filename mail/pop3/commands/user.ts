/** USER (RFC 1939 section 7). Every name is welcome: only PASS tells, and does not tell which of the two was wrong. */
import { prepareUser } from '../../auth/prepare.ts';
import { answer, type Command } from '../command.ts';
import { replies } from '../reply.ts';

export const userCommand: Command = {
  verb: 'USER',
  rfcs: ['RFC 1939 section 7', 'RFC 6856 section 2.2'],
  states: ['authorization'],
  maxLineBytes: (session) => session.limits.loginLineBytes,
  run(session, argument) {
    session.user = undefined;
    if (!session.passwordsAllowed) return answer(replies.encryptionFirst);
    const user = prepareUser(argument.trim());
    if (user === undefined) return answer(replies.badArguments('write USER name'));
    session.user = user;
    return answer(replies.user);
  },
};
