/** MAIL, RCPT and DATA (RFC 5321 section 3.3), in one group where the server takes that (RFC 2920). */
import type { Conversation } from '../conversation.ts';
import { isIntermediate } from '../reply.ts';
import type { Transaction } from '../transaction.ts';

/** Whether the message may follow: somebody is to get it, and DATA (where it is not chunks that follow) was answered 354. */
export async function sendEnvelope(
  talk: Conversation,
  transaction: Transaction,
  { pipelining }: { readonly pipelining: boolean },
): Promise<boolean> {
  return pipelining ? inOneGroup(talk, transaction) : oneByOne(talk, transaction);
}

async function oneByOne(talk: Conversation, transaction: Transaction): Promise<boolean> {
  const { mail, recipients, chunked } = transaction.plan;
  if (!transaction.tookSender(await talk.ask(mail, 'mail'))) return false;
  for (const { at, command } of recipients) transaction.tookRecipient(at, await talk.ask(command, 'rcpt'));
  if (!transaction.hasRecipients || chunked) return transaction.hasRecipients;
  const reply = await talk.ask('DATA', 'data');
  if (isIntermediate(reply)) return true;
  transaction.refusedMessage(reply, 'data');
  return false;
}

/** A chunk is not in the group: its octets would be in vain where every recipient is refused. */
async function inOneGroup(talk: Conversation, transaction: Transaction): Promise<boolean> {
  const { mail, recipients, chunked } = transaction.plan;
  const commands = [mail, ...recipients.map(({ command }) => command), ...(chunked ? [] : ['DATA'])];
  await talk.say(commands.map((command) => `${command}\r\n`).join(''), 'mail');
  const hasSender = transaction.tookSender(await talk.reply('mail'));
  for (const { at } of recipients) {
    const reply = await talk.reply('rcpt');
    if (hasSender) transaction.tookRecipient(at, reply);
  }
  if (chunked) return transaction.hasRecipients;
  const reply = await talk.reply('data');
  if (!isIntermediate(reply)) {
    if (transaction.hasRecipients) transaction.refusedMessage(reply, 'data');
    return false;
  }
  if (!transaction.hasRecipients) await sendNothing(talk, transaction);
  return transaction.hasRecipients;
}

/** RFC 2920 section 3.1: DATA cannot be taken back, and what follows goes to nobody. */
async function sendNothing(talk: Conversation, transaction: Transaction): Promise<void> {
  await talk.say('.\r\n', 'dataBlock');
  transaction.ended(await talk.reply('dataEnd'));
}
