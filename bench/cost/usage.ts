/** What something consumes, by measure: counted, added, divided, and priced. */
import { gigabyte, prices } from './prices.ts';

export const measures = [
  'writeUnits',
  'readUnits',
  'tableRequests',
  's3Puts',
  's3Gets',
  'sqsRequests',
  'sqsFifoRequests',
  /** Of the tasks' own queues, which carry "account X changed". */
  'wakeRequests',
  'snsPublishes',
  'sesRecipients',
  'sesBytes',
  'lambdaRequests',
  'lambdaGbSeconds',
  'logBytes',
  /** From clients, and to them. */
  'bytesIn',
  'bytesOut',
  /** More, or less, than before. */
  's3BytesStored',
  'tableBytesStored',
  /** Of accounts' logs: put, and their bytes, more or less. They are in no other measure of what is stored. */
  'logRecords',
  'logRecordBytesStored',
] as const;

export type Measure = (typeof measures)[number];
export type Usage = Readonly<Record<Measure, number>>;
export type MutableUsage = Record<Measure, number>;

export function noUsage(): MutableUsage {
  return Object.fromEntries(measures.map((measure) => [measure, 0])) as MutableUsage;
}

export function sumOf(usages: readonly Usage[]): Usage {
  const sum = noUsage();
  for (const usage of usages) for (const measure of measures) sum[measure] += usage[measure];
  return sum;
}

export function times(usage: Usage, factor: number): Usage {
  return Object.fromEntries(measures.map((measure) => [measure, usage[measure] * factor])) as Usage;
}

export function averageOf(usages: readonly Usage[]): Usage {
  return times(sumOf(usages), 1 / usages.length);
}

/** What a bill would call it. */
export const parts = ['S3', 'DynamoDB write', 'DynamoDB read', 'SQS', 'SNS', 'Lambda', 'logs'] as const;
export type Part = (typeof parts)[number];

/** In USD, without what is stored, SES's fees and data out, which are told apart. */
export function dollarsOf(usage: Usage): Readonly<Record<Part, number>> {
  return {
    S3: usage.s3Puts * prices.s3Put + usage.s3Gets * prices.s3Get,
    'DynamoDB write': usage.writeUnits * prices.writeUnit,
    'DynamoDB read': usage.readUnits * prices.readUnit,
    SQS:
      (usage.sqsRequests + usage.wakeRequests) * prices.sqsRequest +
      usage.sqsFifoRequests * prices.sqsFifoRequest,
    SNS: usage.snsPublishes * prices.snsPublish,
    Lambda: usage.lambdaRequests * prices.lambdaRequest + usage.lambdaGbSeconds * prices.lambdaGbSecond,
    logs: (usage.logBytes / gigabyte) * prices.logGb,
  };
}

export function totalOf(usage: Usage): number {
  return Object.values(dollarsOf(usage)).reduce((sum, dollars) => sum + dollars, 0);
}

/** In USD: SES's fees, and what leaves for clients. */
export function apartOf(usage: Usage): { readonly ses: number; readonly dataOut: number } {
  return {
    ses: usage.sesRecipients * prices.sesRecipient + (usage.sesBytes / gigabyte) * prices.sesGb,
    dataOut: (usage.bytesOut / gigabyte) * prices.dataOutGb,
  };
}

/** In USD a month. */
export function storageOf(stored: { readonly s3Bytes: number; readonly tableBytes: number }): number {
  return (
    (stored.s3Bytes / gigabyte) * prices.s3GbMonth +
    (stored.tableBytes / gigabyte) * (prices.tableGbMonth + prices.pitrGbMonth)
  );
}
