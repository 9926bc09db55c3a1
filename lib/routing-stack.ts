/** The way of a message behind the listeners: queues, the functions that take their jobs, the stream, the schedules. */
import { ArnFormat, CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import {
  DynamoEventSource,
  S3OnFailureDestination,
  SqsEventSource,
} from 'aws-cdk-lib/aws-lambda-event-sources';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { queueDefinitions, type QueueName } from '../bin/queues.ts';
import { passwordPath } from '../drivers/aws/kept-passwords.ts';
import { forFeed } from '../mail/mailbox/log-record.ts';
import { Outbound } from './constructs/outbound.ts';
import { logGroupName, PostaFunction } from './constructs/posta-function.ts';
import { hasDeadLetters, WorkQueue } from './constructs/work-queue.ts';
import { explain } from './explained.ts';
import { allow, explainWildcard, grantBlobs, grantItems } from './grants.ts';
import { programEnvironment } from './program-environment.ts';
import type { PostaSettings } from './settings.ts';
import type { StorageStack } from './storage-stack.ts';

export interface RoutingStackProps extends StackProps {
  readonly settings: PostaSettings;
  readonly storage: StorageStack;
}

const seconds = Duration.seconds.bind(Duration);
/** Of the functions; each queue's visibility follows from it. */
const timeouts = {
  route: seconds(30),
  deliver: seconds(60),
  deliverAside: seconds(120),
  relay: seconds(300),
} as const satisfies Readonly<Record<QueueName, Duration>>;

/** Programs of this stack, whose lines the trace of a message looks through. */
const functionNames = ['route', 'deliver', 'deliver-aside', 'relay', 'feedback', 'sweep', 'admin'];
/** And those of the listeners, by whichever profile. */
const tracedNames = ['smtp', 'mail', 'mx', ...functionNames];

export class RoutingStack extends Stack {
  readonly queues: Readonly<Record<QueueName, WorkQueue>>;
  /** What SES says of sent messages. */
  readonly feedbackQueue: WorkQueue;
  /** "Account X changed", to each running task. */
  readonly wakeTopic: Topic;
  /** Of the way of a message. */
  readonly mailFunctions: readonly PostaFunction[];
  readonly feedFunction: PostaFunction;
  readonly adminFunction: PostaFunction;
  readonly logGroups: readonly string[];
  /** Of each domain, where SES sends for it. */
  readonly identities: Outbound['identities'];

  constructor(scope: Construct, id: string, { settings, storage, ...props }: RoutingStackProps) {
    super(scope, id, {
      ...props,
      description: `Posta ${settings.stage}: routes, delivers and relays messages`,
    });
    const { stage } = settings;
    const queue = (name: QueueName) => {
      const { name: suffix, kind, maxAttempts } = queueDefinitions[name];
      const queueName = `${stage}-${suffix}`;
      return new WorkQueue(this, `${name}Queue`, {
        name: queueName,
        kind,
        maxAttempts,
        functionTimeout: timeouts[name],
      });
    };
    this.queues = {
      route: queue('route'),
      deliver: queue('deliver'),
      deliverAside: queue('deliverAside'),
      relay: queue('relay'),
    };
    this.wakeTopic = new Topic(this, 'Wake', {
      topicName: `${stage}-wake`,
      displayName: `Posta ${stage}: an account changed`,
      enforceSSL: true,
    });
    const environment = {
      ...programEnvironment({ settings, storage, queues: this.queues, wakeTopic: this.wakeTopic }),
      POSTA_LOG_GROUPS: tracedNames.map((name) => logGroupName(stage, name)).join(),
    };
    const make = (
      name: string,
      options: Omit<ConstructorParameters<typeof PostaFunction>[2], 'stage' | 'name' | 'environment'>,
    ) => {
      const made = new PostaFunction(this, `${name}Function`, { stage, name, environment, ...options });
      grantItems(storage.table, made);
      return made;
    };
    const { route, deliver, deliverAside, relay } = this.queues;

    const routing = make('route', {
      description: 'Decides where each accepted message goes: mailboxes here, or other servers',
      timeout: timeouts.route,
      memory: 512,
    });
    this.#takes(routing, route, 10);
    this.#mayNotify(routing, storage);
    deliver.queue.grantSendMessages(routing);

    const delivering = make('deliver', {
      description: 'Files messages into mailboxes, one commit for each account',
      timeout: timeouts.deliver,
      memory: 1024,
    });
    this.#takes(delivering, deliver, 10);
    deliverAside.queue.grantSendMessages(delivering);
    const aside = make('deliver-aside', {
      folder: 'deliver',
      handler: 'asideHandler',
      description: 'Tries again to file messages that failed before',
      timeout: timeouts.deliverAside,
      memory: 1024,
    });
    this.#takes(aside, deliverAside, 5);
    for (const each of [delivering, aside]) {
      this.#mayNotify(each, storage);
      this.wakeTopic.grantPublish(each);
    }

    const relaying = make('relay', {
      description: 'Hands messages for other servers to the next hop',
      timeout: timeouts.relay,
      memory: 512,
    });
    // A function may not use port 25: then a container takes them.
    if (settings.nextHop !== 'mx') this.#takes(relaying, relay, 5);
    this.#mayNotify(relaying, storage, { deletes: true });
    const outbound = new Outbound(this, 'Outbound', {
      settings,
      relaying,
      feedback: make('feedback', {
        description:
          'Settles what Amazon SES says of messages that were sent: bounces, complaints, deliveries',
        timeout: seconds(60),
        memory: 512,
      }),
      mayNotify: (grantee) => this.#mayNotify(grantee, storage, { deletes: true }),
    });

    const following = make('feed', {
      description: 'Does what each commit leaves to be done: expiry of expunged messages, deleted folders',
      timeout: seconds(60),
      memory: 512,
    });
    following.addEventSource(
      new DynamoEventSource(storage.table, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: 100,
        // Nobody waits for it: fewer invocations cost less.
        maxBatchingWindow: seconds(10),
        bisectBatchOnError: true,
        retryAttempts: 10,
        maxRecordAge: Duration.hours(12),
        onFailure: new S3OnFailureDestination(storage.failures),
        // Only the log of commits, and of it what leaves something to do: a delivery does not.
        filters: [
          FilterCriteria.filter({
            dynamodb: {
              Keys: { sk: { S: FilterRule.beginsWith('c#') } },
              NewImage: { [forFeed]: { BOOL: [true] } },
            },
          }),
        ],
      }),
    );

    const because = 'what a stream’s reader puts aside goes into a bucket that holds nothing else';
    explainWildcard(following, /^Action::s3:|FeedFailures.*\/\*$/, because);

    const sweeping = make('sweep', {
      description: 'Each minute sends what is due; each day deletes what is expired or orphaned',
      timeout: Duration.minutes(14),
      memory: 512,
    });
    this.#mayNotify(sweeping, storage, { deletes: true });
    this.wakeTopic.grantPublish(sweeping);
    for (const { dead } of [route, deliver, deliverAside]) dead.grantConsumeMessages(sweeping);
    this.#maySweepOrphans(sweeping, stage);
    this.#schedule('Minute', Schedule.rate(Duration.minutes(1)), sweeping, 'minute');
    this.#schedule('Daily', Schedule.cron({ hour: '3', minute: '17' }), sweeping, 'daily');

    const admin = make('admin', {
      description:
        'Does what an admin asks for: domains, accounts, aliases, passwords, the outbound queue, traces',
      timeout: seconds(60),
      memory: 1024,
    });
    this.wakeTopic.grantPublish(admin);
    relay.queue.grantSendMessages(admin);
    grantBlobs(storage.messages, admin, { deletes: true });
    admin.addToRolePolicy(
      allow(
        ['logs:FilterLogEvents'],
        tracedNames.map((name) =>
          this.formatArn({
            service: 'logs',
            resource: 'log-group',
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
            resourceName: `${logGroupName(stage, name)}:*`,
          }),
        ),
      ),
    );
    explainWildcard(admin, /log-group:.*:\*$/, 'the streams of a log group, which it names itself');
    this.#mayKeepPasswords(admin, sweeping, stage);
    this.feedbackQueue = outbound.feedback;
    this.identities = outbound.identities;
    this.mailFunctions = [routing, delivering, relaying, sweeping];
    this.feedFunction = following;
    this.adminFunction = admin;
    this.logGroups = [...functionNames, 'feed'].map((name) => logGroupName(stage, name));
    new CfnOutput(this, 'AdminFunction', { value: admin.functionName });
  }

  /** Event sources report the jobs that failed: the others of the batch are done. */
  #takes(taker: PostaFunction, { queue }: WorkQueue, batchSize: number): void {
    taker.addEventSource(new SqsEventSource(queue, { batchSize, reportBatchItemFailures: true }));
    explain(taker, hasDeadLetters);
  }

  /** Whoever may have to tell a sender of something. */
  #mayNotify(
    teller: PostaFunction,
    { messages }: StorageStack,
    rights: { readonly deletes?: boolean } = {},
  ): void {
    grantBlobs(messages, teller, rights);
    this.queues.route.queue.grantSendMessages(teller);
    this.queues.relay.queue.grantSendMessages(teller);
  }

  /** Queues of tasks that were killed, and their subscriptions. */
  #maySweepOrphans(sweeping: PostaFunction, stage: string): void {
    const queues = this.formatArn({ service: 'sqs', resource: `${stage}-wake-*` });
    sweeping.addToRolePolicy(allow(['sqs:DeleteQueue', 'sqs:ListQueueTags'], [queues]));
    // It knows no narrower resource.
    sweeping.addToRolePolicy(allow(['sqs:ListQueues'], ['*']));
    explainWildcard(sweeping, /^Resource::\*$/, 'to list queues is not allowed for less');
    explainWildcard(sweeping, /-wake-\*$/, 'the queues of tasks, which nobody knows before they run');
    explainWildcard(sweeping, /:\*$/, 'the subscriptions of a topic, which it names itself');
    sweeping.addToRolePolicy(
      allow(
        ['sns:ListSubscriptionsByTopic', 'sns:Unsubscribe'],
        [this.wakeTopic.topicArn, `${this.wakeTopic.topicArn}:*`],
      ),
    );
  }

  /** Those that runbooks make, in Parameter Store. */
  #mayKeepPasswords(admin: PostaFunction, sweeping: PostaFunction, stage: string): void {
    const path = passwordPath(stage).slice(0, -1);
    const parameter = (name: string) =>
      this.formatArn({ service: 'ssm', resource: 'parameter', resourceName: name });
    const all = parameter(`${path.slice(1)}/*`);
    admin.addToRolePolicy(allow(['ssm:PutParameter'], [all]));
    sweeping.addToRolePolicy(allow(['ssm:GetParametersByPath'], [parameter(path.slice(1))]));
    sweeping.addToRolePolicy(allow(['ssm:DeleteParameters'], [all]));
    for (const each of [admin, sweeping])
      explainWildcard(each, /new-passwords\/\*$/, 'each new password has a name of its own');
  }

  #schedule(id: string, schedule: Schedule, sweeping: PostaFunction, sweep: 'minute' | 'daily'): void {
    const rule = new Rule(this, `Sweep${id}`, { schedule, description: `Posta: the sweep, ${sweep}` });
    explain(rule, {
      rule: 'Serverless-EventBusDLQ',
      because: 'a sweep that was missed is made up for by the next',
    });
    rule.addTarget(
      new LambdaFunction(sweeping, { event: RuleTargetInput.fromObject({ sweep }), retryAttempts: 0 }),
    );
  }
}
