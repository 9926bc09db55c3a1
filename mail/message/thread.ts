/** Message ids (RFC 5322 section 3.6.4) and the thread that they put a message in. */
import { createHash } from 'node:crypto';
import { firstValue, type HeaderField } from './header.ts';
import { messageLimits } from './limits.ts';

/**
 * The first msg-id in an unfolded value, without its angle brackets and without white space; undefined where there is
 * none. Octets stand as Latin-1 characters.
 */
export function firstMessageId(value: string): string | undefined {
  for (let at = value.indexOf('<'); at >= 0;) {
    const end = value.indexOf('>', at);
    if (end < 0) return undefined;
    // `<<id>`: what counts begins at the last one.
    const start = value.lastIndexOf('<', end);
    const id = value.slice(start + 1, end).replace(/[ \t\r\n]+/g, '');
    if (id !== '' && id.length <= messageLimits.maxMessageIdBytes) return id;
    at = value.indexOf('<', end);
  }
  return undefined;
}

/** The message's own id; without angle brackets, the only word of the field. */
export function ownMessageId(fields: readonly HeaderField[]): string | undefined {
  const value = firstValue(fields, 'message-id');
  if (value === undefined) return undefined;
  const bare = /^[\x21-\x7e\x80-\xff]+$/.test(value) && value.length <= messageLimits.maxMessageIdBytes;
  return firstMessageId(value) ?? (bare ? value : undefined);
}

/**
 * The id of the message's thread: a hash of the first id in References, else in In-Reply-To, else of its own, so that
 * every answer to a message finds the same one without asking. An objectid (RFC 8474 section 3), 23 characters.
 */
export function threadIdOf(fields: readonly HeaderField[]): string | undefined {
  const first = (key: string) => firstMessageId(firstValue(fields, key) ?? '');
  const root = first('references') ?? first('in-reply-to') ?? ownMessageId(fields);
  if (root === undefined) return undefined;
  const hash = createHash('sha256').update(root, 'latin1').digest();
  return `T${hash.subarray(0, 16).toString('base64url')}`;
}
