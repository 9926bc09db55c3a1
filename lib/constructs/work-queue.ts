/** A queue of jobs with its dead-letter queue, and the alarm that says that something is in there. */
import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface WorkQueueProps {
  /** Without `.fifo`. */
  readonly name: string;
  readonly kind: 'standard' | 'fifo';
  /** Of the function that takes its jobs. */
  readonly functionTimeout: Duration;
  /** Receipts of a job before it is a dead letter. */
  readonly maxAttempts: number;
}

/** AWS asks for at least so many times the function's time-out. */
const visibilityFactor = 6;

export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly dead: Queue;

  constructor(scope: Construct, id: string, { name, kind, functionTimeout, maxAttempts }: WorkQueueProps) {
    super(scope, id);
    const fifo = kind === 'fifo' ? { fifo: true } : {};
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
    new Alarm(this, 'DeadLetters', {
      alarmName: `${name}-dead-letters`,
      alarmDescription: `Jobs of ${name} failed to the last attempt and wait for an admin. docs/operate.md says what to do`,
      metric: this.dead.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5) }),
      threshold: 0,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
