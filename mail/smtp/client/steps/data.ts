/** The message after 354 (RFC 5321 section 4.1.1.4): dots doubled, ended with a line that is a dot. */
import { DotStuffer } from '../../../wire/dot-stuffing.ts';
import type { Conversation } from '../conversation.ts';
import type { Transaction } from '../transaction.ts';
import { beginEnd } from './end.ts';

/** Rejects when the message cannot be read: then its end was not sent, and the server has nothing. */
export async function sendData(talk: Conversation, transaction: Transaction): Promise<void> {
  const stuffer = new DotStuffer();
  // One piece behind, so that the end goes with the last of them.
  let held: Uint8Array = new Uint8Array(0);
  for await (const piece of transaction.plan.content()) {
    if (held.length > 0) await talk.write(held, 'dataBlock');
    held = stuffer.encode(piece);
  }
  beginEnd(talk, transaction);
  await talk.write(Buffer.concat([held, stuffer.finish()]), 'dataBlock');
  transaction.ended(await talk.reply('dataEnd'));
}
