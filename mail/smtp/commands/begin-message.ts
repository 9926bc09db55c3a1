/** What DATA and the first BDAT share: the envelope is complete, the host gets ready for the message. */
import type { Envelope } from '../../routing/envelope.ts';
import { MessageSink } from '../message-sink.ts';
import { refusalReply } from '../refusal.ts';
import { replies, type Reply } from '../reply.ts';
import type { OpenTransaction, Session } from '../session.ts';

/** The sink for the message's octets, or the reply that refuses it; then the transaction is over. */
export async function beginMessage(session: Session): Promise<MessageSink | Reply> {
  const { transaction } = session;
  if (transaction === undefined) return replies.sequence('MAIL first');
  const begun = await session.options.host.begin(envelopeOf(transaction), session.client);
  if (begun.kind === 'ok') {
    transaction.message = new MessageSink(session, transaction, begun.incoming);
    return transaction.message;
  }
  await session.reset();
  return refusalReply(begun, session.limits.messageBytes);
}

function envelopeOf({ reversePath, parameters, recipients }: OpenTransaction): Envelope {
  return { reversePath, recipients: [...recipients.values()], ...parameters };
}
