/** What senders want to hear of their recipients (RFC 3461), on the way from the envelope to where each of them ends. */
import { asksFor } from '../delivery/report.ts';
import { formatAddress } from '../message/address.ts';
import type { EnvelopeRecipient } from './envelope.ts';
import type { WrittenRecipient } from './jobs.ts';

/** Recipients are named as their sender wrote them. */
export interface Wishes {
  /** What was asked for it. */
  of(recipient: string): WrittenRecipient;
  /** What goes with the message to whom it leads. */
  passedOn(recipient: string): WrittenRecipient;
  /** Those whose senders hear that they were expanded. */
  readonly expanded: readonly WrittenRecipient[];
}

/**
 * `several` are those that stand for several. Of the ways that RFC 3461 section 5.2.7.3 leaves for them this is (c):
 * everything but SUCCESS is passed on to each, and who asked for SUCCESS hears that the address was expanded. An alias
 * with one target passes on everything (section 5.2.7.2).
 */
export function readWishes(
  recipients: readonly EnvelopeRecipient[],
  { several }: { readonly several: readonly string[] },
): Wishes {
  const byRecipient = new Map(recipients.map((each) => [formatAddress(each.address), each]));
  const expanding = new Set(several);
  const of = (recipient: string): WrittenRecipient => {
    const { address: _, ...wishes } = byRecipient.get(recipient) ?? { address: undefined };
    return { recipient, ...wishes };
  };
  return {
    of,
    passedOn: (recipient) => (expanding.has(recipient) ? withoutSuccess(of(recipient)) : of(recipient)),
    expanded: several.map(of).filter((recipient) => asksFor(recipient, 'expanded')),
  };
}

function withoutSuccess({ notify, ...recipient }: WrittenRecipient): WrittenRecipient {
  if (notify === undefined) return recipient;
  const left = notify.filter((keyword) => keyword !== 'SUCCESS');
  // Nothing asked for is not the same as nothing said, which would mean FAILURE and DELAY.
  return { ...recipient, notify: left.length === 0 ? ['NEVER'] : left };
}
