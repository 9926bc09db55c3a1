/** What an admin looks at and works with: dashboard, alarms, saved queries, runbooks. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { ListenersStack } from './listeners-stack.ts';
import { Alarms } from './operations/alarms.ts';
import { dashboardLink } from './operations/console-links.ts';
import { Dashboard } from './operations/dashboard.ts';
import { Measurements } from './operations/measurements.ts';
import { Runbooks } from './operations/runbooks.ts';
import { SavedQueries } from './operations/saved-queries.ts';
import type { RoutingStack } from './routing-stack.ts';
import type { PostaSettings } from './settings.ts';
import type { StorageStack } from './storage-stack.ts';

export interface OperationsStackProps extends StackProps {
  readonly settings: PostaSettings;
  readonly storage: StorageStack;
  readonly routing: RoutingStack;
  readonly listeners: ListenersStack;
}

export class OperationsStack extends Stack {
  constructor(scope: Construct, id: string, props: OperationsStackProps) {
    const { settings, storage, routing, listeners, ...rest } = props;
    const { stage, alarmMail } = settings;
    super(scope, id, { ...rest, description: `Posta ${stage}: dashboard, alarms, queries, runbooks` });
    const topic = new Topic(this, 'Alarms', {
      topicName: `${stage}-alarms`,
      displayName: `Posta ${stage}: alarms`,
      enforceSSL: true,
    });
    if (alarmMail !== undefined) topic.addSubscription(new EmailSubscription(alarmMail));
    const { route, deliver, deliverAside, relay } = routing.queues;
    const quarter = 15 * 60;
    const measurements = new Measurements({
      stage,
      queues: [
        { name: 'route', queue: route, waitsAtMostSeconds: quarter },
        { name: 'deliver', queue: deliver, waitsAtMostSeconds: quarter },
        { name: 'deliver-aside', queue: deliverAside },
        { name: 'relay', queue: relay, waitsAtMostSeconds: quarter },
        { name: 'feedback', queue: routing.feedbackQueue },
      ],
      table: storage.table,
      functions: routing.mailFunctions,
      follower: routing.feedFunction,
      listeners: listeners.programs,
    });
    const alarms = new Alarms(this, 'Alarm', { stage, topic, measurements });
    const logGroups = [...routing.logGroups, ...listeners.logGroups];
    new SavedQueries(this, 'Queries', { stage, logGroups });
    new Runbooks(this, 'Runbooks', { stage, admin: routing.adminFunction });
    new Dashboard(this, 'Board', {
      stage,
      measurements,
      alarms: alarms.all,
      services: listeners.services,
      logGroups,
    });
    new CfnOutput(this, 'Dashboard', {
      value: dashboardLink(stage),
    });
    new CfnOutput(this, 'AlarmTopic', { value: topic.topicArn });
  }
}
