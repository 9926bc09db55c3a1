/** Where no server was asked: the same for every recipient. */
import type { RecipientOutcome, Transmission, TransmitOutcome } from '../../ports/next-hop.ts';

export function nobodyIsAsked(
  { recipients }: Transmission,
  { outcome, unavailable }: { readonly outcome: RecipientOutcome; readonly unavailable: boolean },
): TransmitOutcome {
  return { outcomes: recipients.map(() => outcome), unavailable };
}
