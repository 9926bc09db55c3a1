/** A bucket, and how it is asked: every wait has an end, and what failed says what it was to do. */
import { setTimeout as pause } from 'node:timers/promises';
import { S3ServiceException } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';

/** What the client's `send` takes beside the command. */
export interface SendOptions {
  readonly abortSignal: AbortSignal;
}

export interface BucketOptions {
  readonly client: S3Client;
  readonly name: string;
  /** How long S3 may take for an answer, with the client's own retries in it, or for a message's next bytes. */
  readonly patienceMs: number;
}

/** S3 did not do what it was asked to, or nobody knows whether it did. */
export class BucketFault extends Error {
  /** S3's own word, as `NoSuchKey` or `SlowDown`; undefined where it gave no answer. */
  readonly code: string | undefined;

  constructor(what: string, cause: unknown) {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    super(`S3 did not ${what}: ${why}`, { cause });
    this.name = 'BucketFault';
    this.code = cause instanceof S3ServiceException ? cause.name : undefined;
  }

  /** There is no such key. An answer to HEAD has no body, and so no better name. */
  get isMissing(): boolean {
    return this.code === 'NoSuchKey' || this.code === 'NotFound';
  }
}

/** After the client's own attempts. */
const maxAttempts = 3;

/** Before the second attempt; it doubles from there. */
const firstPauseMs = 200;

export class Bucket {
  readonly name: string;
  readonly patienceMs: number;
  readonly #client: S3Client;

  constructor({ client, name, patienceMs }: BucketOptions) {
    this.#client = client;
    this.name = name;
    this.patienceMs = patienceMs;
  }

  /**
   * Sends a command, once more where that can help: the client repeats what was throttled or broke down, but neither a
   * request without an answer nor a conflict. So a command must be safe to repeat. `what`, in the infinitive, is for the
   * error. Rejects with a `BucketFault`.
   */
  async ask<Output>(
    what: string,
    send: (client: S3Client, options: SendOptions) => Promise<Output>,
    giveUp?: AbortSignal,
  ): Promise<Output> {
    for (let attempt = 1; ; attempt++)
      try {
        return await this.#attempt(send, giveUp);
      } catch (cause) {
        const helps = cause instanceof NoAnswer || isConflict(cause);
        if (!helps || attempt === maxAttempts) throw new BucketFault(what, cause);
        await pauseBefore(attempt);
      }
  }

  async #attempt<Output>(
    send: (client: S3Client, options: SendOptions) => Promise<Output>,
    giveUp: AbortSignal | undefined,
  ): Promise<Output> {
    giveUp?.throwIfAborted();
    const noAnswer = new AbortController();
    const timer = setTimeout(() => noAnswer.abort(), this.patienceMs);
    try {
      const abortSignal = giveUp ? AbortSignal.any([giveUp, noAnswer.signal]) : noAnswer.signal;
      return await send(this.#client, { abortSignal });
    } catch (fault) {
      giveUp?.throwIfAborted();
      throw noAnswer.signal.aborted ? new NoAnswer(this.patienceMs) : fault;
    } finally {
      // A body that is still to come has time-outs of its own.
      clearTimeout(timer);
    }
  }
}

/** Resolves after a pause that grows with the attempts so far. */
export async function pauseBefore(attempts: number): Promise<void> {
  await pause(firstPauseMs * 2 ** (attempts - 1));
}

class NoAnswer extends Error {
  constructor(patienceMs: number) {
    super(`no answer within ${patienceMs} ms`);
    this.name = 'NoAnswer';
  }
}

/** Another request for the same key was under way: 409, `OperationAborted` or `ConditionalRequestConflict`. */
function isConflict(fault: unknown): boolean {
  return fault instanceof S3ServiceException && fault.$metadata.httpStatusCode === 409;
}
