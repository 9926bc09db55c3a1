/** The one way into an account, for LOGIN and AUTHENTICATE alike. */
import type { Secret } from '../auth/secret.ts';
import { done, type Outcome } from './command.ts';
import { capabilities } from './commands/capability.ts';
import type { Session } from './session.ts';
import { completed, farewells, statuses, type Status } from './status.ts';

/** What the client says it is. */
export interface Credentials {
  readonly command: string;
  readonly user: string;
  readonly password: Secret;
}

/** Tries to log in; the session is in the authenticated state where the answer is OK. Never throws. */
export async function logIn(session: Session, { command, ...credentials }: Credentials): Promise<Outcome> {
  try {
    const authentication = await session.options.authenticator.verify({
      ...credentials,
      scope: 'imap',
      remoteAddress: session.connection.remoteAddress,
    });
    switch (authentication.kind) {
      case 'refused':
        return await loginFailed(session, statuses.credentialsRefused);
      case 'throttled':
        return await loginFailed(session, statuses.authThrottled(authentication.retryAfterMs));
      case 'ok': {
        const { principal } = authentication;
        session.logIn(principal);
        session.log.info('imap.loggedIn', {
          account: principal.accountId,
          credential: principal.credential,
        });
        // It saves the client asking: it must ask anew after login (RFC 3501 section 6.2).
        return done(completed(command, capabilities(session)));
      }
      default:
        return authentication satisfies never;
    }
  } catch (error) {
    return done(session.fault(error, 'login'));
  }
}

/** The attempt is over without success, and answered late; after some of them so is the session. */
export async function loginFailed(session: Session, status: Status): Promise<Outcome> {
  session.counts.authFailures += 1;
  const failures = session.counts.authFailures;
  const reason = status.status === 'OK' ? '' : status.reason;
  session.log.info('imap.login.failed', { reason, failures });
  await session.pause(session.limits.authFailurePauseMs);
  if (failures < session.limits.authFailures) return done(status);
  return { kind: 'end', farewell: farewells.tooManyAuthFailures, status };
}
