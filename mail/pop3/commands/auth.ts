/** AUTH (RFC 5034): an exchange of a SASL mechanism, then the login. */
import type { SaslExchange, SaslStep } from '../../auth/sasl/mechanism.ts';
import { decodeBase64Line, encodeBase64Line } from '../../wire/base64-line.ts';
import { listing } from '../bodies.ts';
import { answer, type Command, type LineReceiver, type Outcome } from '../command.ts';
import { logIn, loginFailed } from '../login.ts';
import { replies } from '../reply.ts';
import type { Session } from '../session.ts';
import { words } from '../syntax/command-line.ts';

export const authCommand: Command = {
  verb: 'AUTH',
  rfcs: ['RFC 5034 section 4'],
  states: ['authorization'],
  maxLineBytes: (session) => session.limits.authLineBytes,
  async run(session, argument) {
    session.user = undefined;
    if (!session.passwordsAllowed) return answer(replies.encryptionFirst);
    const { mechanisms } = session.options;
    const names = mechanisms.map((offered) => offered.name);
    const [name, initial, ...more] = words(argument);
    // In no RFC, but older clients ask so which mechanisms there are, and other servers answer.
    if (name === undefined) return { kind: 'multiLine', reply: replies.mechanisms, body: listing(names) };
    if (more.length > 0)
      return answer(replies.badArguments('write AUTH mechanism, or AUTH mechanism initial-response'));
    const mechanism = mechanisms.find((offered) => offered.name === name.toUpperCase());
    if (mechanism === undefined) return answer(replies.unknownMechanism(names));
    const exchange = mechanism.begin();
    if (initial === undefined) return proceed(session, exchange, exchange.next(undefined));
    return respond(session, exchange, initial === '=' ? '' : initial);
  },
};

/** The client's response in base64 goes to the mechanism. */
async function respond(session: Session, exchange: SaslExchange, base64: string): Promise<Outcome> {
  const response = decodeBase64Line(base64);
  if (response === undefined) return loginFailed(session, replies.notBase64);
  return proceed(session, exchange, exchange.next(response));
}

async function proceed(session: Session, exchange: SaslExchange, step: SaslStep): Promise<Outcome> {
  switch (step.kind) {
    case 'challenge':
      return answer(replies.challenge(encodeBase64Line(step.data)), responseReceiver(session, exchange));
    case 'malformed':
      return loginFailed(session, replies.badResponse);
    case 'password':
      // Nobody acts for another here (RFC 4616 section 2); it reads as a wrong password.
      if (step.authorizationId !== undefined) return loginFailed(session, replies.credentialsRefused);
      return logIn(session, { user: step.user, password: step.password });
    default:
      return step satisfies never;
  }
}

function responseReceiver(session: Session, exchange: SaslExchange): LineReceiver {
  return {
    maxBytes: session.limits.authLineBytes,
    async line(line) {
      const text = Buffer.from(line).toString('latin1');
      if (text === '*') return loginFailed(session, replies.authCancelled);
      return respond(session, exchange, text);
    },
    tooLong: () => loginFailed(session, replies.authLineTooLong),
  };
}
