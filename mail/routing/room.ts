/** Whether a mailbox has room: asked at RCPT with what the client declared, at the end with what came. */
import type { MailStore } from '../mailbox/mail-store.ts';
import { parseAccountId, sound } from '../mailbox/types.ts';
import type { Refusal } from '../smtp/host.ts';

/** A full mailbox is refused while the sender's server still keeps the message; undefined: there is room. */
export async function refusedForRoom(
  { mail }: { readonly mail: MailStore },
  accountId: string,
  sizeBytes: number,
): Promise<Refusal | undefined> {
  const usage = await mail.account(sound(parseAccountId(accountId), 'account id')).usage();
  if (usage.kind === 'gone') return { kind: 'unknownRecipient' };
  const { quotaBytes, bytes } = usage;
  if (quotaBytes === undefined || bytes + sizeBytes <= quotaBytes) return undefined;
  return { kind: 'mailboxFull', permanent: sizeBytes > quotaBytes };
}
