/** AUTH (RFC 4954): an exchange of a SASL mechanism, then the one question to the authenticator. */
import type { SaslExchange, SaslStep } from '../../auth/sasl/mechanism.ts';
import { decodeBase64Line, encodeBase64Line } from '../../wire/base64-line.ts';
import { answer, type Command, type LineReceiver, type Outcome } from '../command.ts';
import { replies, type Reply } from '../reply.ts';
import type { Session } from '../session.ts';

export const authCommand: Command = {
  verb: 'AUTH',
  syntax: 'AUTH mechanism [initial-response]',
  purpose: 'says who you are, with a password',
  rfcs: ['RFC 4954 section 4'],
  states: ['greeted'],
  maxLineBytes: (session) => session.limits.authLineBytes,
  async run(session, argument) {
    const refused = refusal(session);
    if (refused !== undefined) return answer(refused);
    const [name = '', initial, ...more] = argument.split(/[ \t]+/);
    if (name === '' || more.length > 0)
      return answer(replies.badArguments('write AUTH mechanism, or AUTH mechanism initial-response'));
    const { mechanisms } = session.options;
    const mechanism = mechanisms.find((offered) => offered.name === name.toUpperCase());
    if (mechanism === undefined)
      return answer(replies.unknownMechanism(mechanisms.map((offered) => offered.name)));
    const exchange = mechanism.begin();
    if (initial === undefined) return proceed(session, exchange, exchange.next(undefined));
    return respond(session, exchange, initial === '=' ? '' : initial);
  },
};

/** Why nobody can authenticate now. */
function refusal(session: Session): Reply | undefined {
  if (session.options.role !== 'msa')
    return replies.notImplemented('No AUTH on this port: users submit mail on 587 or 465');
  if (session.principal !== undefined) return replies.sequence('Already authenticated');
  if (!session.passwordsAllowed) return replies.encryptionFirst;
  return undefined;
}

/** The client's response in base64 goes to the mechanism. */
async function respond(session: Session, exchange: SaslExchange, base64: string): Promise<Outcome> {
  const response = decodeBase64Line(base64);
  if (response === undefined) return failed(session, replies.notBase64);
  return proceed(session, exchange, exchange.next(response));
}

async function proceed(session: Session, exchange: SaslExchange, step: SaslStep): Promise<Outcome> {
  switch (step.kind) {
    case 'challenge':
      return answer(replies.challenge(encodeBase64Line(step.data)), responseReceiver(session, exchange));
    case 'malformed':
      return failed(session, replies.badResponse);
    case 'password':
      return verify(session, step);
    default:
      return step satisfies never;
  }
}

function responseReceiver(session: Session, exchange: SaslExchange): LineReceiver {
  return {
    kind: 'lines',
    maxBytes: session.limits.authLineBytes,
    async line(line) {
      const text = Buffer.from(line).toString('latin1');
      if (text === '*') return failed(session, replies.authCancelled);
      return respond(session, exchange, text);
    },
    unreadable: (why) => failed(session, why === 'tooLong' ? replies.authLineTooLong : replies.bareLineEnd),
  };
}

type Password = Extract<SaslStep, { readonly kind: 'password' }>;

async function verify(session: Session, step: Password): Promise<Outcome> {
  // Nobody acts for another here (RFC 4616 section 2); it reads as a wrong password.
  if (step.authorizationId !== undefined) return failed(session, replies.credentialsRefused);
  let authentication;
  try {
    authentication = await session.options.authenticator.verify({
      user: step.user,
      password: step.password,
      scope: 'send',
      remoteAddress: session.connection.remoteAddress,
    });
  } catch (error) {
    session.fault(error, 'AUTH');
    return answer(replies.authUnavailable);
  }
  switch (authentication.kind) {
    case 'ok':
      session.principal = authentication.principal;
      session.log.info('smtp.authenticated', {
        account: authentication.principal.accountId,
        credential: authentication.principal.credential,
      });
      return answer(replies.authenticated);
    case 'refused':
      return failed(session, replies.credentialsRefused);
    case 'throttled':
      return failed(session, replies.authThrottled(authentication.retryAfterMs));
    default:
      return authentication satisfies never;
  }
}

/** The exchange is over without success; after some of them so is the session. */
function failed(session: Session, reply: Reply): Outcome {
  session.counts.authFailures += 1;
  const failures = session.counts.authFailures;
  session.log.info('smtp.auth.failed', { reason: reply.reason, failures });
  if (failures >= session.limits.authFailures)
    return { kind: 'end', reply, farewell: replies.tooManyAuthFailures };
  return answer(reply);
}
