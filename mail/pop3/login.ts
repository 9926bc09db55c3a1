/** The one way into a maildrop, for PASS and AUTH alike: verify, then open and lock. */
import type { Secret } from '../auth/secret.ts';
import { answer, type Outcome } from './command.ts';
import type { Maildrop } from './maildrop.ts';
import { OpenMaildrop } from './open-maildrop.ts';
import { replies, type Reply } from './reply.ts';
import type { Session } from './session.ts';

/** What the client says it is. */
export interface Credentials {
  readonly user: string;
  readonly password: Secret;
}

/** Tries to log in; the session is in the TRANSACTION state where the answer is `+OK`. Never throws. */
export async function logIn(session: Session, credentials: Credentials): Promise<Outcome> {
  try {
    const authentication = await session.options.authenticator.verify({
      ...credentials,
      scope: 'pop3',
      remoteAddress: session.connection.remoteAddress,
    });
    switch (authentication.kind) {
      case 'refused':
        return await loginFailed(session, replies.credentialsRefused);
      case 'throttled':
        return await loginFailed(session, replies.authThrottled(authentication.retryAfterMs));
      case 'ok':
        break;
      default:
        return authentication satisfies never;
    }
    const { principal } = authentication;
    const opened = await session.options.host.open(principal);
    if (opened.kind !== 'open') return answer(opened.kind === 'inUse' ? replies.inUse : replies.noMaildrop);
    const { accountId: account, credential } = principal;
    session.principal = principal;
    const messages = opened.messages.length;
    session.log.info('pop3.loggedIn', { account, credential, messages, utf8: session.utf8 });
    return answer(enter(session, opened));
  } catch (error) {
    return answer(session.fault(error, 'login'));
  }
}

function enter(session: Session, maildrop: Maildrop): Reply {
  session.maildrop = new OpenMaildrop(maildrop);
  return replies.loggedIn(session.maildrop.count, session.maildrop.bytes);
}

/** The attempt is over without success, and answered late; after some of them so is the session. */
export async function loginFailed(session: Session, reply: Reply): Promise<Outcome> {
  session.counts.authFailures += 1;
  const failures = session.counts.authFailures;
  session.log.info('pop3.login.failed', { reason: reply.kind === 'err' ? reply.reason : '', failures });
  await session.pause(session.limits.authFailurePauseMs);
  if (failures >= session.limits.authFailures)
    return { kind: 'end', reply, farewell: replies.tooManyAuthFailures };
  return answer(reply);
}
