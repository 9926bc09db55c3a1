/** What wakes an admin: each alarm says what it means, and names the page that says what to do. */
import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Metric,
  TreatMissingData,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { WorkQueue } from '../constructs/work-queue.ts';
import { dashboardLink } from './console-links.ts';
import type { Measurements } from './measurements.ts';
import { runbookLink } from './runbooks.ts';

export interface AlarmsProps {
  readonly stage: string;
  readonly topic: ITopic;
  readonly measurements: Measurements;
}

interface Definition {
  /** Its page: `docs/operate/<page>.md`. */
  readonly page: string;
  /** Behind the stage; default the page. */
  readonly name?: string;
  /** The form that helps, behind the stage; without one the dashboard is where to look. */
  readonly runbook?: string;
  /** What it means, as a sentence to whoever is woken. */
  readonly means: string;
  readonly metric: IMetric;
  /** It rings above. */
  readonly above?: number;
  /** Or below. */
  readonly below?: number;
  /** Periods of 5 minutes in a row. */
  readonly periods?: number;
  readonly missing?: TreatMissingData;
}

const five = Duration.minutes(5);

export class Alarms extends Construct {
  readonly all: readonly Alarm[];

  constructor(scope: Construct, id: string, { stage, topic, measurements }: AlarmsProps) {
    super(scope, id);
    this.all = definitions(measurements).map((definition) => {
      const { page, name = page, runbook, means, metric, above, below, periods = 1 } = definition;
      const where =
        runbook === undefined ? `Look: ${dashboardLink(stage)}` : `Runbook: ${runbookLink(stage, runbook)}`;
      const alarm = new Alarm(this, name, {
        alarmName: `${stage}-${name}`,
        alarmDescription: `${means} What to do: docs/operate/${page}.md in Posta’s folder. ${where}`,
        metric,
        threshold: above ?? below ?? 0,
        evaluationPeriods: periods,
        comparisonOperator:
          below === undefined
            ? ComparisonOperator.GREATER_THAN_THRESHOLD
            : ComparisonOperator.LESS_THAN_THRESHOLD,
        treatMissingData: definition.missing ?? TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
      return alarm;
    });
  }
}

function definitions(measurements: Measurements): readonly Definition[] {
  const { queues, table, functions, follower } = measurements;
  const own = (name: string, statistic = 'Sum', period = five) =>
    measurements.own(name, { statistic, period });
  const deadLetters = queues.map(({ name, queue }): Definition => ({
    page: 'dead-letters',
    runbook: 'trace-message',
    name: `${name}-dead-letters`,
    means: `Jobs of ${name} failed to the last attempt and wait for an admin: their messages are not delivered.`,
    metric: deadLettersOf(queue),
    above: 0,
  }));
  const waits = queues
    .filter(({ waitsAtMostSeconds }) => waitsAtMostSeconds !== undefined)
    .map(({ name, queue, waitsAtMostSeconds = 0 }): Definition => ({
      page: 'queue-waits',
      name: `${name}-waits`,
      means: `Jobs of ${name} wait for longer than ${waitsAtMostSeconds / 60} minutes: mail is late.`,
      metric: queue.queue.metricApproximateAgeOfOldestMessage({ period: five, statistic: 'Maximum' }),
      above: waitsAtMostSeconds,
      periods: 2,
    }));
  return [
    ...deadLetters,
    ...waits,
    ...functions.map((each): Definition => ({
      page: 'function-fails',
      name: `${each.node.id.replace(/Function$/, '')}-fails`,
      means:
        'A function of the way of a message ends with errors again and again: mail waits, and is tried again.',
      metric: each.metricErrors({ period: five }),
      above: 3,
      periods: 2,
    })),
    {
      page: 'functions-throttled',
      means: 'AWS runs no more functions at once for this account: mail is late.',
      metric: new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'Throttles',
        statistic: 'Sum',
        period: five,
      }),
      above: 10,
      periods: 2,
    },
    {
      page: 'feed-late',
      means:
        'What follows the commits is an hour behind: expunged messages are not deleted, nothing else is missing.',
      metric: follower.metric('IteratorAge', { statistic: 'Maximum', period: five }),
      above: 3_600_000,
    },
    {
      page: 'feed-put-aside',
      means: 'A change could not be followed up, and was put aside.',
      metric: own('feed.putAside'),
      above: 0,
    },
    ...['Read', 'Write'].map((kind): Definition => ({
      page: 'table-throttled',
      name: `table-${kind.toLowerCase()}s-throttled`,
      means: 'DynamoDB slows requests down: clients wait, mail is late.',
      metric: table.metric(`${kind}ThrottleEvents`, { statistic: 'Sum', period: five }),
      above: 100,
      periods: 2,
    })),
    {
      page: 'mail-held',
      runbook: 'list-outbound',
      means:
        'Mail for other servers is held, since no next hop may take it. It goes nowhere until an admin releases it.',
      metric: own('relay.held'),
      above: 0,
    },
    {
      page: 'sender-not-told',
      means: 'A sender could not be told that a message failed.',
      metric: own('notification.impossible'),
      above: 0,
    },
    {
      page: 'relay-defers',
      runbook: 'list-outbound',
      means: 'Much mail for other servers is put off.',
      metric: own('relay.deferred'),
      above: 100,
      periods: 3,
    },
    {
      page: 'bounces',
      runbook: 'list-suppressed',
      means:
        'More than 4 % of what Amazon SES sent came back. At 5 % it reviews the account, at 10 % it stops sending.',
      metric: ses('Reputation.BounceRate'),
      above: 0.04,
    },
    {
      page: 'complaints',
      runbook: 'list-suppressed',
      means: 'More than 0.08 % of what Amazon SES sent was called junk. At 0.1 % it reviews the account.',
      metric: ses('Reputation.ComplaintRate'),
      above: 0.0008,
    },
    {
      page: 'logins-fail',
      runbook: 'reset-password',
      means: 'Many logins fail: somebody tries passwords, or a device has an old one.',
      metric: own('auth.refused'),
      above: 300,
      periods: 2,
    },
    {
      page: 'listener-faults',
      means: 'Listeners end connections by faults of their own.',
      metric: own('listener.faults'),
      above: 5,
    },
    {
      page: 'no-listener',
      means: 'No task has said anything for 15 minutes: nobody can connect, other servers try again later.',
      metric: own('tls.certificateDaysLeft', 'SampleCount'),
      below: 1,
      periods: 3,
      missing: TreatMissingData.BREACHING,
    },
    {
      page: 'certificate-ends',
      means: 'The certificate ends within 14 days and was not renewed: then no client connects any more.',
      metric: own('tls.certificateDaysLeft', 'Minimum'),
      below: 14,
    },
  ];
}

function deadLettersOf({ dead }: WorkQueue): IMetric {
  return dead.metricApproximateNumberOfMessagesVisible({ period: five, statistic: 'Maximum' });
}

/** Of the account, whoever sends in it. */
function ses(metricName: string): IMetric {
  return new Metric({ namespace: 'AWS/SES', metricName, statistic: 'Average', period: Duration.hours(1) });
}
