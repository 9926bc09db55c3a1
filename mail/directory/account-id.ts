/** New account ids: short, random, never used twice, so that a new account of an old address finds nothing of the old. */
import { parseAccountId, sound, type AccountId, type RandomBytes } from '../mailbox/types.ts';

/** RFC 4648's base32 alphabet, in lower case. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const length = 13;

/** 65 random bits. */
export function newAccountId(random: RandomBytes): AccountId {
  // 256 is a multiple of 32: each letter is as likely.
  const letters = Array.from(random(length), (byte) => alphabet[byte % 32]);
  return sound(parseAccountId(letters.join('')), 'account id');
}
