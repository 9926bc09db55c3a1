/** The table's DynamoDB stream, as a Lambda is handed it: the log records in it, as Feed tells them. */
import type { DynamoDBStreamEvent } from 'aws-lambda';
import type { FeedRecord } from '../../mail/ports/feed.ts';
import { toItem } from './table/attribute-values.ts';

/** A record of the Feed, with what a Lambda answers to name it. */
export interface StreamRecord extends FeedRecord {
  /** `itemIdentifier` of a partial batch failure: this record and all after it in its shard come again. */
  readonly sequenceNumber: string;
}

/** What the sort keys of log records begin with. */
const logPrefix = 'c#';
/** A sequence number's digits at most: so padded, its code units are ordered as its number is. */
const positionDigits = 40;

/** The log records that were put, in the event's order. Other items, and what was deleted, are passed over. */
export function streamRecords({ Records }: DynamoDBStreamEvent): readonly StreamRecord[] {
  return Records.flatMap(({ dynamodb }) => {
    const { NewImage: image, SequenceNumber: sequenceNumber } = dynamodb ?? {};
    // A deletion has no image.
    if (image?.['sk']?.S?.startsWith(logPrefix) !== true || sequenceNumber === undefined) return [];
    const position = sequenceNumber.padStart(positionDigits, '0');
    return [{ item: toItem(image), position, sequenceNumber }];
  });
}
