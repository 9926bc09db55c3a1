/** The dashboard: whether mail is flowing, at a glance; below it, where it does not. */
import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard as CdkDashboard,
  GraphWidget,
  GraphWidgetView,
  LogQueryVisualizationType,
  LogQueryWidget,
  Metric,
  PeriodOverride,
  SingleValueWidget,
  TextWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { logQueriesLink } from './console-links.ts';
import type { Measurements } from './measurements.ts';
import { runbookLink } from './runbooks.ts';
import { failedLogins, refusedByReason, sessionsByProtocol, type SavedQuery } from './saved-queries.ts';
import { sumOf } from './sum.ts';

export interface DashboardProps {
  readonly stage: string;
  readonly measurements: Measurements;
  readonly alarms: readonly IAlarm[];
  readonly services: readonly FargateService[];
  readonly logGroups: readonly string[];
}

const five = Duration.minutes(5);
const day = Duration.days(1);
const width = 24;

export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { stage } = props;
    new CdkDashboard(this, 'Dashboard', {
      dashboardName: stage,
      defaultInterval: day,
      periodOverride: PeriodOverride.INHERIT,
      widgets: [
        flowing(props),
        ways(props),
        waiting(props),
        people(props),
        faults(props),
        cost(props),
      ].flat(),
    });
  }
}

type Row = IWidget[];

function flowing({ stage, measurements, alarms }: DashboardProps): Row[] {
  const total = (name: string, label: string) =>
    measurements.own(name, { statistic: 'Sum', period: day, label });
  return [
    [
      new TextWidget({
        width: 6,
        height: 4,
        markdown: [
          `# Posta ${stage}`,
          'Is mail flowing? The numbers are of the last day.',
          `[Trace a message](${runbookLink(stage, 'trace-message')}) · [Add an account](${runbookLink(stage, 'add-account')}) · ` +
            `[What waits](${runbookLink(stage, 'list-outbound')}) · [Logs](${logQueriesLink()})`,
        ].join('\n\n'),
      }),
      new SingleValueWidget({
        title: 'Mail of the last day',
        width: 18,
        height: 4,
        setPeriodToTimeRange: true,
        metrics: [
          total('smtp.accepted', 'accepted'),
          total('smtp.refused', 'refused'),
          total('deliver.delivered', 'delivered here'),
          total('relay.sent', 'sent to others'),
          total('relay.deferred', 'put off'),
          total('relay.failed', 'failed'),
          total('feedback.bounced', 'bounced'),
          total('relay.held', 'held'),
        ],
      }),
    ],
    [new AlarmStatusWidget({ title: 'Alarms', width, height: 4, alarms: [...alarms] })],
  ];
}

function ways({ measurements, logGroups }: DashboardProps): Row[] {
  const rate = (name: string, label: string) =>
    measurements.own(name, { statistic: 'Sum', period: five, label });
  return [
    [
      graph('In, and to mailboxes', [
        rate('smtp.accepted', 'accepted'),
        rate('deliver.delivered', 'delivered'),
      ]),
      graph('To other servers', [
        rate('relay.sent', 'sent'),
        rate('relay.deferred', 'put off'),
        rate('relay.failed', 'failed'),
        rate('feedback.bounced', 'bounced'),
        rate('feedback.complained', 'called junk'),
      ]),
      query(refusedByReason, logGroups),
    ],
  ];
}

function waiting({ measurements }: DashboardProps): Row[] {
  const { queues } = measurements;
  return [
    [
      graph(
        'How long jobs wait, in seconds',
        queues.map(({ name, queue }) =>
          queue.queue.metricApproximateAgeOfOldestMessage({
            period: five,
            statistic: 'Maximum',
            label: name,
          }),
        ),
      ),
      graph(
        'Jobs that failed to the last attempt',
        queues.map(({ name, queue }) =>
          queue.dead.metricApproximateNumberOfMessagesVisible({
            period: five,
            statistic: 'Maximum',
            label: name,
          }),
        ),
      ),
      graph('Mail that is late to be filed', [
        measurements.own('deliver.movedAside', { statistic: 'Sum', period: five, label: 'moved aside' }),
        measurements.own('deliver.failed', { statistic: 'Sum', period: five, label: 'failed' }),
      ]),
    ],
  ];
}

function people({ measurements, logGroups }: DashboardProps): Row[] {
  return [
    [
      graph(
        'Sessions open now',
        measurements.listeners.map((service) =>
          measurements.own('listener.open', {
            statistic: 'Average',
            period: five,
            label: service,
            dimensions: { service },
          }),
        ),
      ),
      query(sessionsByProtocol, logGroups, LogQueryVisualizationType.LINE),
      query(failedLogins, logGroups),
    ],
  ];
}

function faults({ measurements, services }: DashboardProps): Row[] {
  const { functions, table } = measurements;
  return [
    [
      graph('Functions that failed', [
        ...functions.map((each) => each.metricErrors({ period: five })),
        measurements.own('listener.faults', { statistic: 'Sum', period: five, label: 'listeners' }),
      ]),
      graph('Requests that DynamoDB slowed down', [
        ...['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) =>
          table.metric(name, { statistic: 'Sum', period: five }),
        ),
      ]),
      graph('Processor and memory of the tasks, in percent', [
        ...services.flatMap((service) => [
          service.metricCpuUtilization({ period: five }),
          service.metricMemoryUtilization({ period: five }),
        ]),
      ]),
    ],
  ];
}

/** USD of one, us-east-1, autumn 2026. */
const prices = {
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  queueRequest: 0.4e-6,
  gbSecond: 0.0000133334,
  call: 0.2e-6,
};

/** What use costs; tasks, addresses and the balancer cost the same whatever is used. */
function cost({ measurements }: DashboardProps): Row[] {
  const { table, queues, functions } = measurements;
  const daily = { period: day, statistic: 'Sum' };
  const capacity = (name: string) => table.metric(name, daily);
  const priced = (id: string, label: string, factor: number, metrics: readonly IMetric[]) =>
    sumOf(id, metrics, { period: day, label, factor });
  /** A millisecond of a function of 1 GB, which no function is above. */
  const aMillisecond = prices.gbSecond / 1000;
  return [
    [
      new GraphWidget({
        title: 'What use costs, in USD a day (prices of us-east-1)',
        width: 12,
        height: 6,
        stacked: true,
        view: GraphWidgetView.TIME_SERIES,
        left: [
          priced('writes', 'table, writes', prices.writeUnit, [capacity('ConsumedWriteCapacityUnits')]),
          priced('reads', 'table, reads', prices.readUnit, [capacity('ConsumedReadCapacityUnits')]),
          priced(
            'jobs',
            'queues',
            prices.queueRequest,
            queues.flatMap(({ queue }) => [
              queue.queue.metricNumberOfMessagesSent(daily),
              queue.queue.metricNumberOfMessagesReceived(daily),
              queue.queue.metricNumberOfMessagesDeleted(daily),
              queue.queue.metricNumberOfEmptyReceives(daily),
            ]),
          ),
          priced(
            'time',
            'functions, time',
            aMillisecond,
            functions.map((each) => each.metricDuration(daily)),
          ),
          priced(
            'calls',
            'functions, calls',
            prices.call,
            functions.map((each) => each.metricInvocations(daily)),
          ),
        ],
      }),
      new SingleValueWidget({
        title: 'The whole bill of this account so far this month, in USD',
        width: 12,
        height: 6,
        region: 'us-east-1',
        metrics: [
          new Metric({
            namespace: 'AWS/Billing',
            metricName: 'EstimatedCharges',
            dimensionsMap: { Currency: 'USD' },
            statistic: 'Maximum',
            period: Duration.hours(6),
            region: 'us-east-1',
            label: 'as AWS estimates it, where billing alerts are turned on',
          }),
        ],
      }),
    ],
  ];
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({
    title,
    left,
    width: width / 3,
    height: 6,
    leftYAxis: { min: 0, showUnits: false },
  });
}

function query(
  { title, lines }: SavedQuery,
  logGroups: readonly string[],
  view = LogQueryVisualizationType.TABLE,
): LogQueryWidget {
  return new LogQueryWidget({
    title,
    view,
    logGroupNames: [...logGroups],
    queryLines: [...lines],
    width: width / 3,
    height: 6,
  });
}
