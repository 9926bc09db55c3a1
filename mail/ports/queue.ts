/**
 * Queue: a wake-up for work, at least once. SQS with a dead-letter queue, or LMDB on one machine.
 * A Lambda is handed its batches by AWS; elsewhere a worker calls `receive`. Contract: test/contracts/queue.ts.
 */

/** A job to send. `body` is JSON without bytes, at most 256 KB encoded. */
export interface Job<Body> {
  readonly body: Body;
  /**
   * In a FIFO queue jobs of one group are received in order, and none while earlier ones of the group are out;
   * in a standard queue groups take turns, so that a busy one does not hold up the rest.
   */
  readonly group?: string;
  /** A job with an id that was sent within the last 5 minutes is not sent again (FIFO queues only). */
  readonly deduplicationId?: string;
  /** Not to be received before so many milliseconds, at most 15 minutes (standard queues only). */
  readonly delayMs?: number;
}

/** A job received, hidden from other workers until `hiddenUntil`. */
export interface ReceivedJob<Body> {
  readonly body: Body;
  readonly group?: string;
  /** 1 the first time. */
  readonly attempt: number;
  readonly sentAt: Date;
  /** Names this receipt: only the latest of a job counts. */
  readonly receipt: string;
}

export interface ReceiveOptions {
  /** 1 to 10,000; a driver may give fewer. In a FIFO queue a batch is of one group. */
  readonly max: number;
  /** How long to wait for a first job; 0 answers at once. */
  readonly waitMs: number;
  /** How long the jobs stay hidden; then they are received again, with `attempt` one higher. */
  readonly hiddenMs: number;
  readonly signal?: AbortSignal;
}

export interface Queue<Body> {
  readonly name: string;
  /** Resolves when all of them are durable. When it rejects, any of them may have been sent. */
  send(jobs: readonly Job<Body>[]): Promise<void>;
  receive(options: ReceiveOptions): Promise<readonly ReceivedJob<Body>[]>;
  /** The jobs are finished and go. A receipt that is no longer the latest changes nothing. */
  done(receipts: readonly string[]): Promise<void>;
  /** Gives a job back, to be received again after `delayMs`; after `maxAttempts` receipts it is a dead letter. */
  release(receipt: string, delayMs: number): Promise<void>;
  /** Jobs that failed `maxAttempts` times: they wait for an admin. */
  deadLetters(limit: number): Promise<readonly ReceivedJob<Body>[]>;
  /** Sends dead letters again from the start; the number sent. */
  redrive(): Promise<number>;
  /** Roughly; for metrics. */
  depth(): Promise<{ readonly waiting: number; readonly out: number; readonly dead: number }>;
}
