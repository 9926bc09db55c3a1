/** The keywords of a mailbox: at most 64 in use, each in the spelling that the mailbox first saw. */
import type { Draft } from '../draft.ts';
import { isKeyword } from '../flags.ts';
import { maxKeywords } from '../limits.ts';
import type { BadKeyword, TooManyKeywords } from '../outcome.ts';
import type { MailboxId } from '../types.ts';

/** The spelling of each keyword (by its lower case) in the mailbox. */
export interface AdmittedKeywords {
  readonly kind: 'admitted';
  readonly spell: (keyword: string) => string;
}

/**
 * Admits keywords to a mailbox that is there. Those that no message has any longer are only dropped when there is no
 * room: it costs a scan.
 */
export async function admitKeywords(
  draft: Draft,
  options: { readonly mailbox: MailboxId; readonly keywords: readonly string[] },
): Promise<AdmittedKeywords | TooManyKeywords | BadKeyword> {
  const { mailbox, keywords } = options;
  if (keywords.length === 0) return { kind: 'admitted', spell: (keyword) => keyword };
  if (!keywords.every(isKeyword)) return { kind: 'badKeyword' };
  const state = await draft.mailbox(mailbox);
  const known = state?.keywords ?? [];
  let all = merged(known, keywords);
  if (all.size > maxKeywords) {
    const used = await draft.usedKeywords(mailbox);
    all = merged(
      known.filter((keyword) => used.has(keyword)),
      keywords,
    );
    if (all.size > maxKeywords) return { kind: 'tooManyKeywords' };
  }
  const names = [...all.values()];
  if (state !== undefined && names.join(' ') !== known.join(' '))
    draft.setMailbox(mailbox, { ...state, keywords: names });
  return { kind: 'admitted', spell: (keyword) => all.get(keyword.toLowerCase()) ?? keyword };
}

function merged(known: readonly string[], wanted: readonly string[]): ReadonlyMap<string, string> {
  const spellings = new Map(known.map((keyword) => [keyword.toLowerCase(), keyword]));
  for (const keyword of wanted)
    if (!spellings.has(keyword.toLowerCase())) spellings.set(keyword.toLowerCase(), keyword);
  return spellings;
}
