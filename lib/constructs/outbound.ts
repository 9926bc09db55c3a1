/** Mail for other servers: by Amazon SES, whose events come back through a queue, or by a smart host. */
import { Duration, Stack } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  ConfigurationSet,
  ConfigurationSetEventDestination,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
  MailFromBehaviorOnMxFailure,
} from 'aws-cdk-lib/aws-ses';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { explain } from '../explained.ts';
import { allow, explainWildcard } from '../grants.ts';
import type { PostaSettings } from '../settings.ts';
import type { PostaFunction } from './posta-function.ts';
import { hasDeadLetters, WorkQueue } from './work-queue.ts';

export interface OutboundProps {
  readonly settings: PostaSettings;
  readonly relaying: PostaFunction;
  readonly feedback: PostaFunction;
  readonly mayNotify: (grantee: PostaFunction) => void;
}

/** Attempts to settle an event: it may come before what it speaks of is written down. */
const maxAttempts = 20;

export class Outbound extends Construct {
  readonly feedback: WorkQueue;
  /** Of each domain, where SES sends for it. */
  readonly identities: ReadonlyMap<string, EmailIdentity>;

  constructor(scope: Construct, id: string, { settings, relaying, feedback, mayNotify }: OutboundProps) {
    super(scope, id);
    const { stage, domain, moreDomains, nextHop, smartHostSecret } = settings;
    const set = new ConfigurationSet(this, 'ConfigurationSet', { configurationSetName: stage });
    const events = new Topic(this, 'Events', {
      topicName: `${stage}-ses-events`,
      displayName: `Posta ${stage}: what Amazon SES says of sent messages`,
      enforceSSL: true,
    });
    new ConfigurationSetEventDestination(this, 'EventDestination', {
      configurationSet: set,
      destination: EventDestination.snsTopic(events),
      events: [
        EmailSendingEvent.BOUNCE,
        EmailSendingEvent.COMPLAINT,
        EmailSendingEvent.DELIVERY,
        EmailSendingEvent.DELIVERY_DELAY,
        EmailSendingEvent.REJECT,
        EmailSendingEvent.RENDERING_FAILURE,
      ],
    });
    const queue = new WorkQueue(this, 'Feedback', {
      name: `${stage}-feedback`,
      kind: 'standard',
      functionTimeout: Duration.seconds(60),
      maxAttempts,
    });
    events.addSubscription(
      new SqsSubscription(queue.queue, { rawMessageDelivery: true, deadLetterQueue: queue.dead }),
    );
    feedback.addEventSource(
      new SqsEventSource(queue.queue, { batchSize: 10, reportBatchItemFailures: true }),
    );
    explain(feedback, hasDeadLetters);
    this.feedback = queue;
    mayNotify(feedback);
    relaying.addEnvironment('POSTA_SES_CONFIGURATION_SET', set.configurationSetName);
    this.identities = new Map(
      nextHop === 'ses' ? [domain, ...moreDomains].map((each) => [each, this.#identity(each, set)]) : [],
    );
    if (nextHop === 'ses') {
      const arn = (resource: string, name: string) =>
        Stack.of(this).formatArn({ service: 'ses', resource, resourceName: name });
      relaying.addToRolePolicy(
        allow(['ses:SendEmail', 'ses:SendRawEmail'], [arn('identity', '*'), arn('configuration-set', stage)]),
      );
      const because = 'an admin adds domains, and verifies them in SES, when the stack is long there';
      explainWildcard(relaying, /:identity\/\*$/, because);
    }
    if (smartHostSecret !== undefined) {
      const secret = Secret.fromSecretCompleteArn(this, 'SmartHost', smartHostSecret);
      secret.grantRead(relaying);
      relaying.addEnvironment('POSTA_SMART_HOST_SECRET', smartHostSecret);
    }
  }

  /** Its DKIM records stand in the DNS from the first day; mail that bounces comes back to a name within the domain. */
  #identity(domain: string, configurationSet: ConfigurationSet): EmailIdentity {
    return new EmailIdentity(this, domain, {
      identity: Identity.domain(domain),
      configurationSet,
      mailFromDomain: `bounce.${domain}`,
      // While its MX record is not seen, mail goes out all the same.
      mailFromBehaviorOnMxFailure: MailFromBehaviorOnMxFailure.USE_DEFAULT_VALUE,
    });
  }
}
