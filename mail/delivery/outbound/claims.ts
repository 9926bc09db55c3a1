/** Claims: who sends a recipient's message just now. One runs out by itself where the process that has it dies. */
import type { CompareAndSetPorts } from '../../mailbox/compare-and-set.ts';
import { changeOutbound, dueEntries } from './outbound-queue.ts';
import type { OutboundRecipient } from './outbound-recipient.ts';

/** How long a claim lasts: longer than any transmission. */
export const claimMs = 40 * 60_000;
/** What has waited for its turn so long is claimed anew: an attempt may take nearly as long as a claim lasts. */
const renewAfterMs = 2 * 60_000;

export interface Claim {
  /** `generation:random`. */
  readonly claim: string;
  readonly claimedAtMs: number;
}

/** The recipient as it is claimed; undefined where it is not due any more, or somebody else's. */
export function claimRecipient(
  ports: CompareAndSetPorts,
  entry: OutboundRecipient,
  claim: string,
): Promise<OutboundRecipient | undefined> {
  const nowMs = ports.clock.now();
  return changeOutbound(
    ports,
    entry,
    (now) =>
      now.state === 'waiting' && now.dueAtMs <= nowMs
        ? { ...now, claimedBy: claim, dueAtMs: nowMs + claimMs }
        : undefined,
    { until: 'visible' },
  );
}

/** Before they are sent: those that nobody else has claimed meanwhile. A claim that has waited for long is renewed. */
export async function stillClaimed(
  ports: CompareAndSetPorts,
  recipients: readonly OutboundRecipient[],
  { claim, claimedAtMs }: Claim,
): Promise<readonly OutboundRecipient[]> {
  const nowMs = ports.clock.now();
  if (nowMs - claimedAtMs < renewAfterMs) return recipients;
  const still: OutboundRecipient[] = [];
  for (const entry of recipients) {
    const mine = await changeOutbound(
      ports,
      entry,
      (now) => (now.claimedBy === claim ? { ...now, dueAtMs: nowMs + claimMs } : undefined),
      { until: 'visible' },
    );
    if (mine !== undefined) still.push(mine);
  }
  return still;
}

/** Where never but one server relays: what those before `generation` had claimed is due now. Safe to repeat. */
export async function releaseClaims(
  ports: CompareAndSetPorts,
  { generation, signal }: { readonly generation: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const nowMs = ports.clock.now();
  for await (const entry of dueEntries(ports.table, { fromMs: nowMs, toMs: nowMs + claimMs })) {
    if (signal?.aborted) return;
    await changeOutbound(ports, entry, (now) => {
      const { claimedBy, ...rest } = now;
      if (claimedBy === undefined || claimedBy.startsWith(`${generation}:`)) return undefined;
      return { ...rest, dueAtMs: nowMs };
    });
  }
}
