/** PLAIN (RFC 4616): `[authzid] NUL authcid NUL passwd`, in one response. */
import { canonicalAddress, parseAddress } from '../../message/address.ts';
import { decodeUtf8, preparePassword, prepareUser } from '../prepare.ts';
import { Secret } from '../secret.ts';
import type { SaslMechanism, SaslStep } from './mechanism.ts';

export const plainMechanism: SaslMechanism = {
  name: 'PLAIN',
  begin() {
    let state: 'begun' | 'challenged' | 'over' = 'begun';
    return {
      next(response) {
        if (state === 'begun' && response === undefined) {
          state = 'challenged';
          return { kind: 'challenge', data: new Uint8Array(0) };
        }
        if (state === 'over' || response === undefined) return malformed('the exchange is over');
        state = 'over';
        return readMessage(response);
      },
    };
  },
};

/** RFC 4616 section 2: each of the three at most 255 octets or more; NUL only between them; none but authzid empty. */
function readMessage(response: Uint8Array): SaslStep {
  const text = decodeUtf8(response);
  if (text === undefined) return malformed('not UTF-8');
  const fields = text.split('\0');
  if (fields.length !== 3) return malformed('not three fields with NUL between them');
  const [written = '', authcid = '', passwd = ''] = fields;
  const user = prepareUser(authcid);
  if (user === undefined) return malformed('no user name, or one that cannot be');
  if (preparePassword(passwd) === undefined) return malformed('no password, or one that cannot be');
  const step = { kind: 'password', user, password: new Secret(passwd) } as const;
  if (written === '') return step;
  const authorizationId = prepareUser(written);
  if (authorizationId === undefined) return malformed('an authorization identity that cannot be');
  // Many clients send the user's own name in both places; that asks for nothing more.
  return sameUser(authorizationId, user) ? step : { ...step, authorizationId };
}

function sameUser(one: string, other: string): boolean {
  return one === other || comparable(one) === comparable(other);
}

function comparable(user: string): string {
  const address = parseAddress(user);
  return (address && canonicalAddress(address)) ?? user.toLowerCase();
}

function malformed(reason: string): SaslStep {
  return { kind: 'malformed', reason };
}
