/** AUTHENTICATE (RFC 3501 section 6.2.2, RFC 4959): an exchange of a SASL mechanism, then the login. */
import type { SaslExchange, SaslStep } from '../../auth/sasl/mechanism.ts';
import { decodeBase64Line, encodeBase64Line } from '../../wire/base64-line.ts';
import { badArguments, done, type Command, type LineReceiver, type Outcome } from '../command.ts';
import { logIn, loginFailed } from '../login.ts';
import type { Session } from '../session.ts';
import { statuses } from '../status.ts';

const responsePattern = /[A-Za-z0-9+/]+=*|=/y;

export const authenticateCommand: Command = {
  name: 'AUTHENTICATE',
  rfcs: ['RFC 3501 section 6.2.2', 'RFC 4959'],
  states: ['notAuthenticated'],
  async run(session, args) {
    args.space();
    const name = args.atom('a mechanism');
    const initial = args.accept(' ')
      ? args.take(responsePattern, 'an initial response in base64')
      : undefined;
    if (!args.end() || name === undefined) return badArguments('AUTHENTICATE', args);
    if (!session.passwordsAllowed) return done(statuses.encryptionFirst);
    const { mechanisms } = session.options;
    const mechanism = mechanisms.find((offered) => offered.name === name.toUpperCase());
    if (mechanism === undefined)
      return done(statuses.unknownMechanism(mechanisms.map((offered) => offered.name)));
    const exchange = mechanism.begin();
    if (initial === undefined) return proceed(session, exchange, exchange.next(undefined));
    return respond(session, exchange, initial === '=' ? '' : initial);
  },
};

/** The client's response in base64 goes to the mechanism. */
async function respond(session: Session, exchange: SaslExchange, base64: string): Promise<Outcome> {
  const response = decodeBase64Line(base64);
  if (response === undefined) return loginFailed(session, statuses.notBase64);
  return proceed(session, exchange, exchange.next(response));
}

async function proceed(session: Session, exchange: SaslExchange, step: SaslStep): Promise<Outcome> {
  switch (step.kind) {
    case 'challenge':
      return {
        kind: 'continue',
        text: encodeBase64Line(step.data),
        next: responseReceiver(session, exchange),
      };
    case 'malformed':
      return loginFailed(session, statuses.badResponse);
    case 'password':
      // Nobody acts for another here (RFC 4616 section 2); it reads as a wrong password.
      if (step.authorizationId !== undefined) return loginFailed(session, statuses.credentialsRefused);
      return logIn(session, { command: 'AUTHENTICATE', user: step.user, password: step.password });
    default:
      return step satisfies never;
  }
}

function responseReceiver(session: Session, exchange: SaslExchange): LineReceiver {
  return {
    maxBytes: session.limits.authLineBytes,
    async line(line) {
      const text = Buffer.from(line).toString('latin1');
      if (text === '*') return loginFailed(session, statuses.authCancelled);
      return respond(session, exchange, text);
    },
    tooLong: () => loginFailed(session, statuses.authLineTooLong),
  };
}
