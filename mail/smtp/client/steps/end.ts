/** The end of a message, by DATA and by BDAT alike. */
import type { Conversation } from '../conversation.ts';
import type { Transaction } from '../transaction.ts';

/**
 * The last octets follow. From here on the server may have the message, so its reply is waited for in full, whatever time
 * the message took: to give up now is to send it twice (RFC 5321 section 4.5.3.2.6).
 */
export function beginEnd(talk: Conversation, transaction: Transaction): void {
  const { dataBlock, dataEnd } = talk.limits.waitMs;
  transaction.sendsEnd();
  talk.prolong(dataBlock + dataEnd);
}
