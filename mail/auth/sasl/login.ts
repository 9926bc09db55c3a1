/**
 * LOGIN: user name and password in two responses. No RFC has it (draft-murchison-sasl-login), but some clients, old
 * Outlook among them, speak nothing else. A response with the command is the user name.
 */
import { decodeUtf8, preparePassword, prepareUser } from '../prepare.ts';
import { Secret } from '../secret.ts';
import type { SaslMechanism, SaslStep } from './mechanism.ts';

// Some clients compare the prompts with these very words.
const userPrompt = Buffer.from('Username:');
const passwordPrompt = Buffer.from('Password:');

export const loginMechanism: SaslMechanism = {
  name: 'LOGIN',
  begin() {
    let state: 'begun' | 'user' | 'password' | 'over' = 'begun';
    let user = '';
    return {
      next(response) {
        if (response === undefined) {
          if (state !== 'begun') return malformed('a response is missing');
          state = 'user';
          return { kind: 'challenge', data: userPrompt };
        }
        const text = decodeUtf8(response);
        if (text === undefined) return malformed('not UTF-8');
        if (state === 'begun' || state === 'user') {
          const prepared = prepareUser(text);
          state = prepared === undefined ? 'over' : 'password';
          if (prepared === undefined) return malformed('no user name, or one that cannot be');
          user = prepared;
          return { kind: 'challenge', data: passwordPrompt };
        }
        if (state === 'over') return malformed('the exchange is over');
        state = 'over';
        if (preparePassword(text) === undefined) return malformed('no password, or one that cannot be');
        return { kind: 'password', user, password: new Secret(text) };
      },
    };
  },
};

function malformed(reason: string): SaslStep {
  return { kind: 'malformed', reason };
}
