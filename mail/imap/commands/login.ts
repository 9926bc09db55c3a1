/** LOGIN (RFC 3501 section 6.2.3); both arguments may be literals, and in UTF-8 (RFC 9755 section 5). */
import { preparePassword } from '../../auth/prepare.ts';
import { Secret } from '../../auth/secret.ts';
import { badArguments, done, type Command } from '../command.ts';
import { logIn, loginFailed } from '../login.ts';
import { statuses } from '../status.ts';

export const loginCommand: Command = {
  name: 'LOGIN',
  rfcs: ['RFC 3501 section 6.2.3'],
  states: ['notAuthenticated'],
  async run(session, args) {
    args.space();
    const user = args.astring('a user name');
    args.space();
    const password = args.astring('a password');
    if (!args.end() || user === undefined || password === undefined) return badArguments('LOGIN', args);
    if (!session.passwordsAllowed) return done(statuses.encryptionFirst);
    const text = { user: utf8(user), password: utf8(password) };
    // A password that cannot be is a wrong one.
    if (preparePassword(text.password) === undefined)
      return loginFailed(session, statuses.credentialsRefused);
    return logIn(session, { command: 'LOGIN', user: text.user, password: new Secret(text.password) });
  },
};

/** The octets as UTF-8. */
function utf8(octets: string): string {
  return Buffer.from(octets, 'latin1').toString('utf8');
}
