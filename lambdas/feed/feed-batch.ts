/** A batch of the table's stream: what each commit leaves to be done. */
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { streamRecords } from '../../drivers/aws/stream-records.ts';
import type { FeedPorts } from '../../mail/mailbox/feed/handle-commit.ts';
import { handleRecords } from '../../mail/mailbox/feed/handle-records.ts';
import { untilTimeIsUp, type TimeLeft } from '../handling/time-left.ts';

/** What a table that answers slowly needs to put one more record aside. */
const reserveMs = 5000;

/**
 * A record that fails is put aside, and the sweep tries it again. Rejects where the table fails even that, or time is up:
 * then the whole batch comes again, which changes nothing where it was handled; AWS halves it, and what never goes well
 * ends in the bucket for failures, while its record stays in the account's log.
 */
export function feedBatch(
  ports: FeedPorts,
): (event: DynamoDBStreamEvent, context: TimeLeft) => Promise<void> {
  return async (event, context) => {
    using time = untilTimeIsUp(context, reserveMs);
    const records = streamRecords(event).map(({ item }) => item);
    await handleRecords({ ...ports, signal: time.signal }, records);
    if (time.signal.aborted) throw new Error(`time was up before all ${records.length} commits were handled`);
  };
}
