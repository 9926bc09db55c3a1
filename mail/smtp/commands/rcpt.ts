/** RCPT (RFC 5321 section 4.1.1.3): one recipient. */
import { canonicalAddress, formatAddress, needsUtf8, type EmailAddress } from '../../message/address.ts';
import { answer, type Command, type Outcome } from '../command.ts';
import type { RcptDraft } from '../extension.ts';
import type { ForwardPath } from '../host.ts';
import { refusalReply } from '../refusal.ts';
import { replies, type Reply } from '../reply.ts';
import type { OpenTransaction, Session } from '../session.ts';
import { parseForwardPath } from '../syntax/path.ts';
import { readParameters } from './read-parameters.ts';

export const rcptCommand: Command = {
  verb: 'RCPT',
  syntax: 'RCPT TO:<recipient> [NOTIFY=NEVER|SUCCESS,FAILURE,DELAY] [ORCPT=type;address]',
  purpose: 'names a recipient of the message',
  rfcs: ['RFC 5321 section 4.1.1.3', 'RFC 6531', 'RFC 3461 section 4'],
  progress: true,
  states: ['sender', 'recipients'],
  async run(session, argument) {
    const { transaction } = session;
    if (transaction === undefined) return answer(replies.sequence('MAIL first'));
    transaction.rcptCommands += 1;
    if (transaction.rcptCommands > 10 * session.limits.recipients)
      return { kind: 'end', reply: replies.tooManyBadCommands };
    const recipient = read(session, transaction, argument);
    if ('code' in recipient) return answer(recipient);
    const { path, wishes } = recipient;
    if (path.kind === 'mailbox' && transaction.recipients.has(keyOf(path.address)))
      return answer(replies.recipientOk);
    if (transaction.recipients.size >= session.limits.recipients) return answer(replies.tooManyRecipients);
    const verdict = await session.options.host.checkRecipient(path, session.describe(transaction));
    if (verdict.kind !== 'ok') return refuse(session, refusalReply(verdict, session.limits.messageBytes));
    transaction.recipients.set(keyOf(verdict.address), { address: verdict.address, ...wishes });
    session.counts.acceptedRecipients += 1;
    return answer(replies.recipientOk);
  },
};

interface Recipient {
  readonly path: ForwardPath;
  readonly wishes: RcptDraft;
}

/** What the argument says, or why it is refused. */
function read(session: Session, { parameters }: OpenTransaction, argument: string): Recipient | Reply {
  if (!/^TO:/i.test(argument)) return replies.badArguments('write RCPT TO:<recipient>');
  const path = parseForwardPath(argument.slice('TO:'.length));
  if (path.kind === 'bad') return replies.badForwardPath(path.reason);
  const draft = readParameters(session, path.rest, ({ rcptParameters }) => rcptParameters);
  if (draft.kind === 'refused') return draft.reply;
  if (path.value.kind === 'mailbox' && needsUtf8(path.value.address) && !parameters.smtpUtf8)
    return replies.utf8RecipientUnannounced;
  return { path: path.value, wishes: draft.set };
}

function keyOf(address: EmailAddress): string {
  return canonicalAddress(address) ?? formatAddress(address);
}

/** Who tries names until one fits meets pauses first, then the end of the session. */
async function refuse(session: Session, reply: Reply): Promise<Outcome> {
  if (reply.code < 500) return answer(reply);
  const { counts, limits } = session;
  counts.refusedRecipients += 1;
  // A long list with stale addresses among the good ones is not harvesting.
  if (
    counts.refusedRecipients >= limits.refusedRecipients &&
    counts.refusedRecipients > counts.acceptedRecipients
  )
    return { kind: 'end', reply, farewell: replies.tooManyRefusedRecipients };
  if (counts.refusedRecipients > limits.refusedRecipientsFree)
    await session.pause(limits.refusedRecipientPauseMs);
  return answer(reply);
}
