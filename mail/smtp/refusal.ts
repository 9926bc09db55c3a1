/** The host's refusals as replies. */
import type { Refusal } from './host.ts';
import { replies, type Reply } from './reply.ts';

/** `maxBytes` is the limit that a message which is too large is told. */
export function refusalReply(refusal: Refusal, maxBytes: number): Reply {
  switch (refusal.kind) {
    case 'tooLarge':
      return replies.tooLarge(maxBytes);
    case 'recipientRejects':
      return replies.recipientRejects(refusal.detail);
    case 'badMessage':
      return replies.badMessage(refusal.detail);
    case 'policy':
      return replies.policy(refusal.detail);
    case 'mailboxFull':
      return refusal.permanent ? replies.mailboxTooSmall : replies.mailboxFull;
    case 'senderNotOwn':
    case 'senderSuspended':
    case 'unknownRecipient':
    case 'relayDenied':
    case 'notRelayed':
    case 'recipientSuspended':
    case 'recipientNeedsUtf8':
    case 'onwardNotAscii':
    case 'recipientSuppressed':
    case 'notForwarded':
    case 'tooManyRecipients':
    case 'tooManyHops':
    case 'fromNotOwn':
    case 'storageFull':
    case 'unavailable':
      return replies[refusal.kind];
    default:
      return refusal satisfies never;
  }
}
