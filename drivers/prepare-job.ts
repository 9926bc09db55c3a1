/** What every queue takes: the limits of SQS, held on one machine too so that what works there works here. */
import type { Job } from '../mail/ports/queue.ts';

/** In bytes. */
const maxBodyBytes = 256 * 1024;
const maxDelayMs = 15 * 60 * 1000;
const maxGroupLength = 256;

/** A job as it is stored. */
export interface PreparedJob {
  /** Empty for none. */
  readonly group: string;
  /** JSON. */
  readonly body: string;
  readonly delayMs: number;
  readonly deduplicationId: string | undefined;
}

/** Throws for what no queue can take. */
export function prepareJob<Body>(
  { name, kind }: { readonly name: string; readonly kind: 'standard' | 'fifo' },
  { body, group = '', deduplicationId, delayMs = 0 }: Job<Body>,
): PreparedJob {
  const fifo = kind === 'fifo';
  const json = JSON.stringify(body) as string | undefined;
  if (json === undefined) throw new TypeError(`a job for ${name} has no body`);
  if (Buffer.byteLength(json) > maxBodyBytes)
    throw new RangeError(`a job for ${name} has more than ${maxBodyBytes} bytes`);
  if (group.length > maxGroupLength || group.includes('\0') || !group.isWellFormed())
    throw new RangeError(`a group of ${name} has at most ${maxGroupLength} characters, none of them NUL`);
  if (fifo && group === '') throw new RangeError(`${name} is a FIFO queue: each job needs a group`);
  if (fifo && delayMs !== 0) throw new RangeError(`${name} is a FIFO queue: a job cannot be delayed`);
  if (!fifo && deduplicationId !== undefined)
    throw new RangeError(`${name} is a standard queue: a job's id does not count`);
  if (!(delayMs >= 0 && delayMs <= maxDelayMs))
    throw new RangeError(`a delay is 0 to ${maxDelayMs} ms, not ${delayMs}`);
  return { group, body: json, delayMs, deduplicationId };
}
