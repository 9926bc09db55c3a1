/** The message by BDAT (RFC 3030 section 2): chunk by chunk, until one of them is refused. */
import { inChunks } from '../content.ts';
import type { Conversation } from '../conversation.ts';
import { isPositive } from '../reply.ts';
import type { Transaction } from '../transaction.ts';
import { beginEnd } from './end.ts';

/** Rejects when the message cannot be read: then its last chunk was not sent, and the server has nothing. */
export async function sendChunks(talk: Conversation, transaction: Transaction): Promise<void> {
  for await (const { chunk, last } of inChunks(transaction.plan.content(), talk.limits.chunkOctets)) {
    if (last) beginEnd(talk, transaction);
    const command = Buffer.from(`BDAT ${chunk.length}${last ? ' LAST' : ''}\r\n`);
    await talk.write(Buffer.concat([command, chunk]), 'dataBlock');
    const reply = await talk.reply(last ? 'dataEnd' : 'dataBlock');
    if (last) return transaction.ended(reply);
    if (!isPositive(reply)) return transaction.refusedMessage(reply, 'dataBlock');
  }
}
