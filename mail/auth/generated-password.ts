/** Passwords that this program makes: four groups of five letters, read out and typed without mistakes. */
import { randomInt } from 'node:crypto';
import { Secret } from './secret.ts';

// Without i, l and o, which are taken for one another or for digits: 23 letters, 4.52 bits each, 90 bits in all.
const letters = 'abcdefghjkmnpqrstuvwxyz';
const groups = 4;
const groupLetters = 5;
const generatedForm = new RegExp(`^[${letters}]{${groups * groupLetters}}$`);

/** A new password such as `kdwpa-zmfue-hxrtb-nqcjs`, of 90 random bits: for an account or for one device. */
export function generatePassword(): Secret {
  const group = () => Array.from({ length: groupLetters }, () => letters[randomInt(letters.length)]).join('');
  return new Secret(Array.from({ length: groups }, group).join('-'));
}

/**
 * A password in the form in which an app password is hashed: without hyphens and spaces, in lower case, as people type
 * it. undefined where it cannot be one that `generatePassword` made.
 */
export function normalizeGenerated(password: Secret): string | undefined {
  const typed = password.reveal();
  if (typed.length > 64) return undefined;
  const bare = typed.replace(/[\s-]/g, '').toLowerCase();
  return generatedForm.test(bare) ? bare : undefined;
}
