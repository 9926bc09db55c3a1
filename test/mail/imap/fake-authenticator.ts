/** Users that the tests of IMAP log in as: `paco` and `maria`, whose password is `secret`, at example.test. */
import type { Authentication, Authenticator } from '../../../mail/auth/authenticator.ts';

/** The account's id is the local part, behind `prefix`. */
export function fakeAuthenticator(prefix: string): Authenticator {
  return {
    async verify({ user, password, scope }): Promise<Authentication> {
      if (scope !== 'imap') throw new Error(`scope ${scope}`);
      if (user === 'throttled@example.test') return { kind: 'throttled', retryAfterMs: 4_200 };
      if (user === 'faulty@example.test') throw new Error('the directory is away');
      const name = /^(paco|maria)@example\.test$/.exec(user)?.[1];
      if (name === undefined || password.reveal() !== 'secret') return { kind: 'refused' };
      return {
        kind: 'ok',
        principal: {
          accountId: `${prefix}${name}`,
          address: user,
          passwordSince: '2026-01-01T00:00:00.000Z',
        },
      };
    },
  };
}
