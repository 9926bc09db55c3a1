/** The greeting and EHLO, or HELO where that is not known (RFC 5321 sections 3.1, 3.2 and 4.1.1.1). */
import type { Conversation } from '../conversation.ts';
import { noExtensions, readExtensions, type Extensions } from '../extensions.ts';
import { isPermanent, isPositive } from '../reply.ts';
import { overBy } from '../session-over.ts';

/** Waits to be greeted. */
export async function awaitGreeting(talk: Conversation): Promise<void> {
  const reply = await talk.reply('greeting');
  if (!isPositive(reply)) throw overBy(reply, { step: 'greeting', text: 'The server does not want to talk' });
}

/** Says who this is; what the server offers. */
export async function sayHello(talk: Conversation, hostname: string): Promise<Extensions> {
  const extended = await talk.ask(`EHLO ${hostname}`, 'hello');
  if (isPositive(extended)) return readExtensions(extended);
  const plain = isPermanent(extended) ? await talk.ask(`HELO ${hostname}`, 'hello') : extended;
  if (isPositive(plain)) return noExtensions;
  throw overBy(plain, { step: 'hello', text: 'The server refused EHLO and HELO' });
}
