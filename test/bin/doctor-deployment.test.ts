/** `posta doctor --stack`: what AWS says of a deployment, and what it may not be asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../mail/doctor/finding.ts';
import { startDnsServer } from '../drivers/system/dns-server.ts';
import { postaCommand } from '../end-to-end/posta.ts';
import { functionEndpoint, type OtherAnswer } from './function-endpoint.ts';

const domain = 'example.test';
const queue = (name: string) => `http://sqs.test/1/posta-${name}`;

const environment = {
  POSTA_STAGE: 'posta',
  POSTA_HOSTNAME: 'mail.example.test',
  POSTA_TABLE: 'posta',
  POSTA_BUCKET: 'messages',
  POSTA_WAKE_TOPIC: 'arn:aws:sns:eu-west-1:1:posta-wake',
  POSTA_NEXT_HOP: 'ses',
  POSTA_QUEUE_ROUTE: queue('route'),
  POSTA_QUEUE_ROUTE_DEAD: queue('route-dead'),
  POSTA_QUEUE_DELIVER: queue('deliver.fifo'),
  POSTA_QUEUE_DELIVER_DEAD: queue('deliver-dead.fifo'),
  POSTA_QUEUE_DELIVER_ASIDE: queue('deliver-aside'),
  POSTA_QUEUE_DELIVER_ASIDE_DEAD: queue('deliver-aside-dead'),
  POSTA_QUEUE_RELAY: queue('relay'),
  POSTA_QUEUE_RELAY_DEAD: queue('relay-dead'),
};

const messages = (count: number) => ({
  body: JSON.stringify({
    Attributes: {
      ApproximateNumberOfMessages: String(count),
      ApproximateNumberOfMessagesNotVisible: '0',
      ApproximateNumberOfMessagesDelayed: '0',
    },
  }),
});
const listed = (count: number) => ({
  body: `<ListBucketResult><KeyCount>${count}</KeyCount></ListBucketResult>`,
});
const denied = { status: 403, error: 'AccessDeniedException', body: '{"message": "no"}' };

const stackResources = `<DescribeStackResourcesResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
<DescribeStackResourcesResult><StackResources><member><LogicalResourceId>FeedFailures1234</LogicalResourceId>
<PhysicalResourceId>failures</PhysicalResourceId><ResourceType>AWS::S3::Bucket</ResourceType>
<ResourceStatus>CREATE_COMPLETE</ResourceStatus><Timestamp>2026-11-24T00:00:00Z</Timestamp></member></StackResources>
</DescribeStackResourcesResult></DescribeStackResourcesResponse>`;

/** All is well, but for what a test says. */
const usual: Readonly<Record<string, OtherAnswer>> = {
  DescribeStackResources: { body: stackResources },
  'GET /v2/email/account': {
    body: '{"ProductionAccessEnabled": true, "SendingEnabled": true, "EnforcementStatus": "HEALTHY", "SendQuota": {"Max24HourSend": 50000, "SentLast24Hours": 3}}',
  },
  [`GET /v2/email/identities/${domain}`]: {
    body: '{"VerifiedForSendingStatus": true, "DkimAttributes": {"Status": "SUCCESS", "Tokens": ["one"]}}',
  },
  GetQueueAttributes: messages(0),
  GetMetricData: { body: '{"MetricDataResults": []}' },
  'GET /failures': listed(0),
};

/** What it says of sending and queues: the DNS of the name is nobody's. */
async function examined(changed: Readonly<Record<string, OtherAnswer>> = {}): Promise<readonly Finding[]> {
  await using dns = await startDnsServer({ zone: {} });
  await using aws = await functionEndpoint({
    environment,
    answer(asked, body) {
      const name = asked.replace(/\/?\?.*$/, '');
      const dead = name === 'GetQueueAttributes' && body.includes('-dead') ? changed['dead'] : undefined;
      return dead ?? changed[name] ?? usual[name];
    },
  });
  const env = {
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    POSTA_STACK: 'posta',
  };
  await postaCommand(['domain', 'add', domain], { env });
  const { stdout, stderr } = await postaCommand(['doctor', '--json', '--dns-server', dns.address], { env });
  assert.equal(stderr, '');
  const findings = JSON.parse(stdout) as readonly Finding[];
  return findings.filter(({ area }) => area === 'sending' || area === 'queues');
}

const bad = (findings: readonly Finding[]) =>
  findings.filter(({ state }) => state !== 'ok').map(({ state, what }) => `${state}: ${what}`);

test('a deployment that is well is found so, with every queue and what could not be followed up', async () => {
  const findings = await examined();
  assert.deepEqual(bad(findings), []);
  assert.deepEqual(
    findings.filter(({ area }) => area === 'queues').map(({ what }) => what),
    [
      ...['route', 'deliver', 'deliver-aside', 'relay', 'feedback'].map((name) => `queue ${name}`),
      'mail for other servers',
      'changes that could not be followed up',
    ],
  );
});

test('dead letters, a job that waits for long, and changes that were given up are said', async () => {
  const findings = await examined({ dead: messages(1), 'GET /failures': listed(2) });
  assert.equal(bad(findings).filter((line) => line.startsWith('problem: queue ')).length, 5);
  assert.match(bad(findings).join('\n'), /problem: changes that could not be followed up/);
  const late = await examined({
    GetMetricData: { body: '{"MetricDataResults": [{"Id": "q3", "Values": [7200, 60]}]}' },
    GetQueueAttributes: messages(3),
    dead: messages(0),
  });
  assert.deepEqual(bad(late), ['warning: queue relay']);
  assert.match(late.find(({ what }) => what === 'queue relay')?.found ?? '', /the oldest for 120 minutes/);
});

test('what these credentials may not ask is a warning that names the right, and the rest is told', async () => {
  const findings = await examined({
    'GET /v2/email/account': denied,
    GetMetricData: denied,
    DescribeStackResources: {
      status: 403,
      body: '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
    },
  });
  const warnings = findings.filter(({ state }) => state === 'warning');
  assert.equal(warnings.length, 3, JSON.stringify(findings, null, 2));
  const said = warnings.map(({ found }) => found).join('\n');
  for (const action of [
    'ses:GetAccount',
    'cloudwatch:GetMetricData',
    'cloudformation:DescribeStackResources',
  ])
    assert.match(said, new RegExp(`these credentials may not ${action}`));
  assert.equal(findings.filter(({ what, state }) => what.startsWith('queue ') && state === 'ok').length, 5);
});
