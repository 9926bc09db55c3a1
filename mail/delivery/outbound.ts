/**
 * The outbound queue's records: one for each message and recipient elsewhere. Until a next hop takes them they are held,
 * for an admin to see.
 */
import { canonicalAddress, formatAddress } from '../message/address.ts';
import type { Item, Table } from '../ports/table.ts';
import type { OutsideNotification } from './notify-sender.ts';

/** A message for a recipient on another server. */
export interface Outbound {
  readonly messageId: string;
  readonly recipient: string;
  /** null for a notification. */
  readonly reversePath: string | null;
  readonly blobKey: string;
  readonly sizeBytes: number;
  readonly queuedAt: Date;
  /** Why it is not sent. */
  readonly heldBecause: string;
}

/** Puts the record, durably, unless it is there: a repeated route changes nothing. */
export async function holdOutbound(table: Table, outbound: Outbound): Promise<void> {
  const item: Item = {
    pk: `outbound#${outbound.messageId}`,
    sk: `recipient#${outbound.recipient}`,
    state: 'held',
    heldBecause: outbound.heldBecause,
    attempts: 0,
    reversePath: outbound.reversePath,
    blobKey: outbound.blobKey,
    sizeBytes: outbound.sizeBytes,
    queuedAt: outbound.queuedAt.toISOString(),
  };
  for (let attempt = 1; ; attempt++) {
    const outcome = await table.commit([{ kind: 'put', item, condition: { kind: 'absent' } }]);
    if (outcome.kind === 'committed' || outcome.kind === 'conditionFailed') return;
    if (attempt === 5)
      throw new Error(`the outbound record of ${outbound.messageId} could not be written: ${outcome.kind}`);
  }
}

/** A notification to outside: held as all other mail there. */
export function holdNotification(table: Table): (notification: OutsideNotification) => Promise<void> {
  return ({ messageId, recipient, blobKey, sizeBytes, queuedAt }) =>
    holdOutbound(table, {
      messageId,
      recipient: canonicalAddress(recipient) ?? formatAddress(recipient),
      reversePath: null,
      blobKey,
      sizeBytes,
      queuedAt,
      heldBecause: 'this server has no next hop',
    });
}
