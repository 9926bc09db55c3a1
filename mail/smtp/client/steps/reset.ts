/** RSET (RFC 5321 section 4.1.1.5): drops what is left of a transaction. */
import type { Conversation } from '../conversation.ts';
import { isPositive } from '../reply.ts';
import { overBy } from '../session-over.ts';

export async function reset(talk: Conversation): Promise<void> {
  const reply = await talk.ask('RSET', 'reset');
  if (!isPositive(reply)) throw overBy(reply, { step: 'reset', text: 'The server refused RSET' });
}
