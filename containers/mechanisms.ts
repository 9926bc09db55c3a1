/** The SASL mechanisms of all protocols. */
import { loginMechanism } from '../mail/auth/sasl/login.ts';
import { plainMechanism } from '../mail/auth/sasl/plain.ts';

export const mechanisms = [plainMechanism, loginMechanism];
