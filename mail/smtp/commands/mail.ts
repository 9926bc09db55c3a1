/** MAIL (RFC 5321 section 4.1.1.2): begins a transaction with the reverse-path and the extensions' parameters. */
import { needsUtf8 } from '../../message/address.ts';
import { answer, type Command } from '../command.ts';
import { refusalReply } from '../refusal.ts';
import { replies, type Reply } from '../reply.ts';
import type { OpenTransaction, Session } from '../session.ts';
import { parseReversePath } from '../syntax/path.ts';
import { readParameters } from './read-parameters.ts';

export const mailCommand: Command = {
  verb: 'MAIL',
  syntax: 'MAIL FROM:<sender> [SIZE=octets] [BODY=7BIT|8BITMIME] [SMTPUTF8] [RET=FULL|HDRS] [ENVID=id]',
  purpose: 'begins a message',
  rfcs: [
    'RFC 5321 section 4.1.1.2',
    'RFC 1870',
    'RFC 6152',
    'RFC 6531',
    'RFC 4954 section 5',
    'RFC 3461 section 4',
  ],
  states: ['greeted'],
  async run(session, argument) {
    if (session.counts.transactions >= session.limits.transactions)
      return { kind: 'end', reply: replies.tooManyTransactions };
    const transaction = open(session, argument);
    if ('code' in transaction) return answer(transaction);
    const verdict = await session.options.host.checkSender(session.describe(transaction));
    if (verdict.kind !== 'ok') return answer(refusalReply(verdict, session.limits.messageBytes));
    session.transaction = transaction;
    session.counts.transactions += 1;
    return answer(replies.senderOk);
  },
};

/** The transaction that the argument asks for, or why there is none. */
function open(session: Session, argument: string): OpenTransaction | Reply {
  if (session.options.role === 'msa' && session.principal === undefined)
    return session.passwordsAllowed ? replies.authenticationFirst : replies.tlsFirst;
  if (!/^FROM:/i.test(argument)) return replies.badArguments('write MAIL FROM:<sender>');
  const path = parseReversePath(argument.slice('FROM:'.length));
  if (path.kind === 'bad') return replies.badReversePath(path.reason);
  const draft = readParameters(session, path.rest, ({ mailParameters }) => mailParameters);
  if (draft.kind === 'refused') return draft.reply;
  if (path.value !== null && needsUtf8(path.value) && draft.set.smtpUtf8 !== true)
    return replies.utf8SenderUnannounced;
  return {
    reversePath: path.value,
    parameters: { body: '7BIT', smtpUtf8: false, ...draft.set },
    recipients: new Map(),
    rcptCommands: 0,
  };
}
