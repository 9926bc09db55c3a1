/** What DynamoDB's answer to a commit says of it. */
import { DynamoDBServiceException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { CommitOutcome } from '../../../mail/ports/table.ts';
import { isThrottled, isUnanswered } from '../failures.ts';

/** Undefined for a fault: a request that is wrong, or not allowed. */
export function outcomeOf(fault: unknown): CommitOutcome | undefined {
  if (fault instanceof TransactionCanceledException) return outcomeOfReasons(fault);
  if (isUnanswered(fault)) return { kind: 'unknown' };
  if (!(fault instanceof DynamoDBServiceException)) return undefined;
  if (isThrottled(fault)) return { kind: 'throttled' };
  switch (fault.name) {
    // Of a single write.
    case 'ConditionalCheckFailedException':
      return { kind: 'conditionFailed', failed: [0] };
    case 'TransactionConflictException':
      return { kind: 'conflict' };
    // The same token is on its way, sent by us a moment ago: it may still take place.
    case 'TransactionInProgressException':
      return { kind: 'unknown' };
    default:
      return undefined;
  }
}

/**
 * One reason for each write, in their order. Where one did not hold and another was busy, the first decides: sent again
 * it would fail again.
 */
function outcomeOfReasons({
  CancellationReasons: reasons = [],
}: TransactionCanceledException): CommitOutcome | undefined {
  const failed = reasons.flatMap(({ Code }, index) => (Code === 'ConditionalCheckFailed' ? [index] : []));
  if (failed.length > 0) return { kind: 'conditionFailed', failed };
  const codes = new Set(reasons.map(({ Code }) => Code));
  // ValidationError and an item that is too large: sent again they would fail again.
  if (codes.has('ValidationError') || codes.has('ItemCollectionSizeLimitExceeded')) return undefined;
  if (codes.has('TransactionConflict')) return { kind: 'conflict' };
  if (
    ['ThrottlingError', 'ProvisionedThroughputExceeded', 'RequestLimitExceeded'].some((code) =>
      codes.has(code),
    )
  )
    return { kind: 'throttled' };
  return undefined;
}
