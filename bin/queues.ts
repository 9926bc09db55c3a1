/** The queues that a message passes through: the same on one machine and in AWS. */

/** Receipts of a job before it is a dead letter: with the pauses between them about a day of trying. */
const maxAttempts = 100;

/** `kind` as in the contract of Queue. */
export interface QueueDefinition {
  readonly name: string;
  readonly kind: 'standard' | 'fifo';
  readonly maxAttempts: number;
}

export const queueDefinitions = {
  /** What listeners accepted, and notifications. */
  route: { name: 'route', kind: 'standard', maxAttempts },
  /** One message for one account; the account is its group. */
  deliver: { name: 'deliver', kind: 'fifo', maxAttempts },
  /** Deliver jobs that failed: beside the FIFO queue, so that they block nobody. */
  deliverAside: { name: 'deliver-aside', kind: 'standard', maxAttempts },
  /** Messages of the outbound queue with something due. */
  relay: { name: 'relay', kind: 'standard', maxAttempts },
} as const satisfies Readonly<Record<string, QueueDefinition>>;

export type QueueName = keyof typeof queueDefinitions;
