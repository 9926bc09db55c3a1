/** What replies mean for recipients. */
import type { RecipientOutcome, Said } from '../../ports/next-hop.ts';
import type { Step } from './limits.ts';
import { isPermanent, quoteReply, type ServerReply } from './reply.ts';
import type { SessionOver } from './session-over.ts';
import { statusInClass, statusOf } from './status.ts';

/** What a step is about, for people. */
const subjects: Readonly<Partial<Record<Step, string>>> = {
  mail: 'the sender',
  rcpt: 'the recipient',
};

/** A reply that refuses: 4yz for now, 5yz for good. */
export function refusedBy(
  reply: ServerReply,
  { step, remote }: { readonly step: Step; readonly remote: string },
): RecipientOutcome {
  const subject = subjects[step] ?? 'the message';
  const said = (status: string, text: string): Said => ({ status, reply: quoteReply(reply), text, remote });
  if (isPermanent(reply) && !meansTooManyRecipients(reply, step))
    return { kind: 'failed', said: said(statusOf(reply, step), `The server refused ${subject}`) };
  const status = statusInClass(statusOf(reply, step), 4);
  return { kind: 'deferred', said: said(status, `The server did not take ${subject} for now`) };
}

/** Refused before anybody was asked: the server cannot take it. */
export function impossible(
  status: string,
  { text, remote }: { readonly text: string; readonly remote: string },
): RecipientOutcome {
  return { kind: 'failed', said: { status, text, remote } };
}

/** The server has the message. `dsn`: it notifies from here on. */
export function sentBy(
  reply: ServerReply,
  { dsn, remote }: { readonly dsn: boolean; readonly remote: string },
): RecipientOutcome {
  const said = {
    status: statusOf(reply, 'dataEnd'),
    reply: quoteReply(reply),
    text: 'The server took the message',
  };
  return { kind: 'sent', dsn, said: { ...said, remote } };
}

/** A session that ended. */
export function saidOf(over: SessionOver, remote: string): Said {
  const { status, message: text, reply } = over;
  return reply === undefined ? { status, text, remote } : { status, reply: quoteReply(reply), text, remote };
}

/** Whether the recipient may go in another transaction at once (RFC 5321 section 4.5.3.1.10). */
export function isOneTooMany(outcome: RecipientOutcome | undefined): boolean {
  return outcome?.kind === 'deferred' && outcome.said.status === '4.5.3';
}

/** RFC 821 had 552 for it, and section 4.5.3.1.10 asks to read it so; not where the server says what it means. */
function meansTooManyRecipients({ code, enhanced }: ServerReply, step: Step): boolean {
  return step === 'rcpt' && code === 552 && (enhanced === undefined || enhanced === '5.5.3');
}
