/**
 * The form of user names and passwords that is compared: a light SASLprep (RFC 4013), in the words of its successor
 * (RFC 8265): composed characters, ASCII spaces, nothing that could be mistaken for the end of a field.
 */
import { maxPasswordOctets, maxUserOctets } from './limits.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of UTF-8 bytes, or undefined where they are none. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A user name as it is looked up; undefined when it is empty, too long or has control characters. */
export function prepareUser(user: string): string | undefined {
  return prepared(user, maxUserOctets);
}

/** A password as it is hashed: the OpaqueString profile of RFC 8265 section 4.2; undefined as in `prepareUser`. */
export function preparePassword(password: string): string | undefined {
  return prepared(password, maxPasswordOctets);
}

function prepared(text: string, maxOctets: number): string | undefined {
  // Before normalizing, which takes time that grows with the length.
  if (text === '' || Buffer.byteLength(text) > maxOctets) return undefined;
  if (/\p{Cc}/u.test(text)) return undefined;
  return text.replace(/\p{Zs}/gu, ' ').normalize('NFC');
}
