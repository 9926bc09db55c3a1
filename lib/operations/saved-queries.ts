/** Queries of CloudWatch Logs Insights that stand ready in the console, in the stage's folder. */
import { LogGroup, QueryDefinition, type ILogGroup, type QueryString } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface SavedQueriesProps {
  readonly stage: string;
  readonly logGroups: readonly string[];
}

export interface SavedQuery {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Shown on the dashboard too. */
export const refusedByReason: SavedQuery = {
  title: 'What was refused, by reason',
  lines: [
    'filter event = "smtp.refused"',
    'stats count() as times by reason, reply',
    'sort times desc',
    'limit 20',
  ],
};
export const failedLogins: SavedQuery = {
  title: 'Who failed to log in',
  lines: [
    'filter event = "auth.refused" or event = "auth.throttled"',
    'stats count() as times, latest(@timestamp) as last by user, remoteAddress, why, scope',
    'sort times desc',
    'limit 50',
  ],
};
export const sessionsByProtocol: SavedQuery = {
  title: 'Sessions that began, by protocol',
  lines: [
    'filter event = "metrics" and ispresent(`listener.accepted`)',
    'stats sum(`listener.accepted`) as sessions by protocol, bin(5m)',
  ],
};

const savedQueries: readonly SavedQuery[] = [
  {
    title: 'What happened to this message',
    lines: [
      'fields @timestamp, service, event, recipient, mailbox, remote, status, reply, text, reason, next',
      'filter messageId = "PUT ITS ID HERE"',
      'sort @timestamp asc',
      'limit 1000',
    ],
  },
  failedLogins,
  refusedByReason,
  sessionsByProtocol,
  {
    title: 'What could not be sent, and why',
    lines: [
      'fields @timestamp, event, messageId, recipient, remote, status, reply, text, next',
      'filter event in ["relay.deferred", "relay.failed", "relay.held", "feedback.bounced", "feedback.complained"]',
      'sort @timestamp desc',
      'limit 200',
    ],
  },
  {
    title: 'Errors',
    lines: [
      'fields @timestamp, service, event, messageId, err.message',
      'filter level = "error"',
      'sort @timestamp desc',
      'limit 200',
    ],
  },
  {
    title: 'What admins did',
    lines: [
      'fields @timestamp, service, command, subject, event, reason',
      'filter event in ["admin.done", "admin.refused"]',
      'sort @timestamp desc',
      'limit 200',
    ],
  },
];

export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, { stage, logGroups }: SavedQueriesProps) {
    super(scope, id);
    const groups = logGroups.map((name): ILogGroup => LogGroup.fromLogGroupName(this, name, name));
    for (const { title, lines } of savedQueries)
      new QueryDefinition(this, title, {
        queryDefinitionName: `${stage}/${title}`,
        // Each line is one step, as it stands.
        queryString: { toString: () => lines.join('\n| ') } as QueryString,
        logGroups: groups,
      });
  }
}
