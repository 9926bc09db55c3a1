/** A queue of jobs with its dead-letter queue. */
import { Duration } from 'aws-cdk-lib';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { explain } from '../explained.ts';

export interface WorkQueueProps {
  /** Without `.fifo`. */
  readonly name: string;
  readonly kind: 'standard' | 'fifo';
  /** Of the function that takes its jobs. */
  readonly functionTimeout: Duration;
  /** Receipts of a job before it is a dead letter. */
  readonly maxAttempts: number;
}

/** Of the function that takes a queue's jobs. */
export const hasDeadLetters = {
  rule: 'Serverless-LambdaEventSourceMappingDestination',
  because: 'what fails goes to the dead-letter queue of the queue it came from',
};

/** Without it all accounts together have 300 requests a second. Ids are of an account's job anyway. */
const highThroughput = {
  fifo: true,
  fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
  deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
};

/** AWS asks for at least so many times the function's time-out. */
const visibilityFactor = 6;

export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly dead: Queue;

  constructor(scope: Construct, id: string, { name, kind, functionTimeout, maxAttempts }: WorkQueueProps) {
    super(scope, id);
    const fifo = kind === 'fifo' ? highThroughput : {};
    const suffix = kind === 'fifo' ? '.fifo' : '';
    const common = {
      ...fifo,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    };
    this.dead = new Queue(this, 'Dead', { ...common, queueName: `${name}-dead${suffix}` });
    this.queue = new Queue(this, 'Queue', {
      ...common,
      queueName: `${name}${suffix}`,
      visibilityTimeout: Duration.seconds(functionTimeout.toSeconds() * visibilityFactor),
      deadLetterQueue: { queue: this.dead, maxReceiveCount: maxAttempts },
    });
    explain(this.dead, { rule: 'Serverless-SQSRedrivePolicy', because: 'it is a dead-letter queue itself' });
  }
}
