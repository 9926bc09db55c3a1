/**
 * How long a function is billed for. An emulator's answers say nothing of AWS's, so its calls are taken to last as long
 * as AWS's usually do, one after the other; the processor's part is what the handler used here, at the share of a
 * processor that its memory buys.
 */

/** Assumed, in milliseconds: medians within a region. */
export const assumedMs = {
  'DynamoDB GetItem': 4,
  'DynamoDB BatchGetItem': 6,
  'DynamoDB Query': 5,
  'DynamoDB PutItem': 6,
  'DynamoDB DeleteItem': 6,
  'DynamoDB TransactWriteItems': 15,
  'S3 GetObject': 35,
  'S3 HeadObject': 20,
  'S3 PutObject': 50,
  'S3 CopyObject': 60,
  'SQS SendMessageBatch': 12,
  'SNS PublishBatch': 20,
  'SES SendRawEmail': 150,
} as const satisfies Readonly<Record<string, number>>;

/** Of any other call. */
export const otherCallMs = 20;
/** What buys one whole processor. */
export const processorMb = 1769;
/** The share of invocations that start a new instance, and what its start takes: it is billed too. */
export const coldStarts = { share: 0.05, ms: 600 } as const;

export function billedMs(invocation: {
  readonly memoryMb: number;
  /** Used here, with one processor at hand. */
  readonly processorMs: number;
  /** By name, as the meter has them. */
  readonly calls: ReadonlyMap<string, number>;
}): number {
  const { memoryMb, processorMs, calls } = invocation;
  const waiting = [...calls].reduce(
    (sum, [name, count]) => sum + count * (assumedMs[name as keyof typeof assumedMs] ?? otherCallMs),
    0,
  );
  const working = processorMs * Math.max(1, processorMb / memoryMb);
  return Math.ceil(waiting + working) + coldStarts.share * coldStarts.ms;
}

/** What the runtime itself writes into the log for an invocation: START, END and REPORT. */
export const platformLogBytes = 340;
/** CloudWatch adds so much to each line. */
export const logLineBytes = 26;
