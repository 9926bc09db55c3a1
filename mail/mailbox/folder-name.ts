/** Mailbox names (RFC 9051 section 5.1): levels in Net-Unicode separated by `/`; INBOX in any case. */
import { maxLevelOctets, maxLevels, maxMailboxNameOctets } from './limits.ts';

/** The hierarchy separator. */
export const separator = '/';

/** The levels of a full name, or undefined where it is no name of a mailbox. */
export function parseMailboxName(text: string): readonly string[] | undefined {
  if (!text.isWellFormed()) return undefined;
  const name = text.normalize('NFC');
  if (Buffer.byteLength(name) > maxMailboxNameOctets || /[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(name))
    return undefined;
  const [top = '', ...rest] = name.split(separator);
  const levels = [isInbox(top) ? 'INBOX' : top, ...rest];
  if (levels.length > maxLevels) return undefined;
  if (levels.some((level) => level === '' || Buffer.byteLength(level) > maxLevelOctets)) return undefined;
  return levels;
}

/** The full name of these levels. */
export function formatMailboxName(levels: readonly string[]): string {
  return levels.join(separator);
}

/** The order in which full names are listed: INBOX first. */
export function compareMailboxNames(one: string, other: string): number {
  if (one === other) return 0;
  if (one === 'INBOX' || other === 'INBOX') return one === 'INBOX' ? -1 : 1;
  return one < other ? -1 : 1;
}

/** Whether a top level is INBOX, in any case (RFC 9051 section 5.1). */
export function isInbox(level: string): boolean {
  return /^inbox$/i.test(level);
}
