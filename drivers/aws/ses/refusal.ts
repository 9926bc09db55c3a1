/** What SES's refusals mean for a message. */
import type { RecipientOutcome } from '../../../mail/ports/next-hop.ts';
import { isThrottled, isUnanswered } from '../failures.ts';

export interface Refusal {
  readonly outcome: RecipientOutcome;
  /** SES takes nothing for now: other messages need not be tried. */
  readonly unavailable: boolean;
}

/** Undefined for a fault of ours: no rights, a request that is wrong. */
export function refusalOf(fault: unknown): Refusal | undefined {
  const { name = '', message = '' } = fault instanceof Error ? fault : {};
  const reply = `${name}: ${message}`;
  if (/quota exceeded|rate exceeded/i.test(message) || isThrottled(fault))
    return deferred(
      '4.7.1',
      'Amazon SES takes no more for now: the sending quota of this account is used up',
      reply,
    );
  // It may have sent it: a message that comes twice is better than one that does not come.
  if (isUnanswered(fault)) return deferred('4.4.1', 'Amazon SES did not answer');
  switch (name) {
    case 'AccountSendingPausedException':
    case 'AccountSuspendedException':
    case 'ConfigurationSetSendingPausedException':
    case 'SendingPausedException':
      return deferred('4.7.0', 'Amazon SES has paused sending from this account', reply);
    case 'MailFromDomainNotVerifiedException':
    case 'MessageRejected':
    case 'MessageRejectedException':
      return /not ?verified|mail ?from/i.test(reply)
        ? failed(
            '5.7.1',
            'Amazon SES sends only for verified domains, and in its sandbox only to verified addresses. The administrator must verify the domain in SES, or ask for production access.',
            reply,
          )
        : failed('5.6.0', 'Amazon SES refused the message', reply);
    case 'BadRequestException':
    case 'InvalidParameterValue':
      return failed('5.6.0', 'Amazon SES cannot send this message', reply);
    default:
      return undefined;
  }
}

function deferred(status: string, text: string, reply?: string): Refusal {
  return {
    outcome: {
      kind: 'deferred',
      said: { status, text, remote: 'Amazon SES', ...(reply === undefined ? {} : { reply }) },
    },
    unavailable: true,
  };
}

function failed(status: string, text: string, reply: string): Refusal {
  return {
    outcome: { kind: 'failed', said: { status, text, reply, remote: 'Amazon SES' } },
    unavailable: false,
  };
}
