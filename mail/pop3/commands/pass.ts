/** PASS (RFC 1939 section 7): all that stands behind the space is the password, spaces and all. */
import { preparePassword } from '../../auth/prepare.ts';
import { Secret } from '../../auth/secret.ts';
import { answer, type Command } from '../command.ts';
import { logIn, loginFailed } from '../login.ts';
import { replies } from '../reply.ts';

export const passCommand: Command = {
  verb: 'PASS',
  rfcs: ['RFC 1939 section 7', 'RFC 6856 section 2.2'],
  states: ['authorization'],
  maxLineBytes: (session) => session.limits.loginLineBytes,
  run(session, argument) {
    const { user } = session;
    session.user = undefined;
    if (!session.passwordsAllowed) return answer(replies.encryptionFirst);
    if (user === undefined) return answer(replies.sequence('USER first'));
    // A password that cannot be is a wrong one.
    if (preparePassword(argument) === undefined) return loginFailed(session, replies.credentialsRefused);
    return logIn(session, { user, password: new Secret(argument) });
  },
};
