/** What the templates must say, whatever the profile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Template } from 'aws-cdk-lib/assertions';
import { readDeploymentSettings } from '../../bin/deployment-settings.ts';
import { readSettings } from '../../lib/settings.ts';
import { resourcesOf, synthesised } from './synthesised.ts';

const profiles = ['single', 'compact', 'standard'] as const;
const templates = new Map(profiles.map((profile) => [profile, synthesised(profile)]));
const ports = [25, 110, 143, 443, 465, 587, 993, 995];
const standard = templates.get('standard');
assert.ok(standard !== undefined);
const { storage, routing, operations } = standard;

test('table and buckets are retained, with their history, and the stack is protected', () => {
  const kept = ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret'];
  const resources = kept.flatMap((type) => resourcesOf(storage, type));
  assert.equal(resources.length, 4);
  for (const { DeletionPolicy, Type } of resources) assert.equal(DeletionPolicy, 'Retain', Type);
  assert.ok(standard.storageIsProtected);
  storage.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
    StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    Replicas: [
      {
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    ],
  });
  storage.hasResourceProperties('AWS::S3::Bucket', { VersioningConfiguration: { Status: 'Enabled' } });
});

test('each queue has a dead-letter queue, and each of those an alarm', () => {
  const queues = Object.entries(routing.findResources('AWS::SQS::Queue')) as [
    string,
    { Properties: Record<string, unknown> },
  ][];
  const dead = queues.filter(([, { Properties }]) => Properties['RedrivePolicy'] === undefined);
  assert.equal(queues.length, 10);
  assert.equal(dead.length, 5);
  const alarms = JSON.stringify(resourcesOf(operations, 'AWS::CloudWatch::Alarm'));
  for (const [id] of dead) assert.ok(alarms.includes(id), `${id} has no alarm`);
});

test('what functions fail at comes again in part, and the stream’s reader gives up in the end', () => {
  const sources = resourcesOf(routing, 'AWS::Lambda::EventSourceMapping').map(({ Properties }) => Properties);
  const stream = sources.filter(({ BisectBatchOnFunctionError }) => BisectBatchOnFunctionError === true);
  assert.equal(stream.length, 1);
  assert.ok(
    Number(stream[0]?.['MaximumRetryAttempts']) > 0 && stream[0]?.['DestinationConfig'] !== undefined,
  );
  for (const source of sources.filter((each) => !stream.includes(each)))
    assert.deepEqual(source['FunctionResponseTypes'], ['ReportBatchItemFailures']);
});

test('with a load balancer all ports lead to tasks, with PROXY headers, and nobody idle is cut off', () => {
  for (const profile of ['compact', 'standard'] as const) {
    const { listeners } = templates.get(profile) ?? standard;
    const all = resourcesOf(listeners, 'AWS::ElasticLoadBalancingV2::Listener').map(
      ({ Properties }) => Properties,
    );
    assert.deepEqual(
      all.map(({ Port }) => Number(Port)).toSorted((one, other) => one - other),
      ports,
      profile,
    );
    for (const { ListenerAttributes } of all)
      assert.deepEqual(ListenerAttributes, [{ Key: 'tcp.idle_timeout.seconds', Value: '6000' }]);
    const groups = resourcesOf(listeners, 'AWS::ElasticLoadBalancingV2::TargetGroup');
    assert.equal(groups.length, profile === 'compact' ? 1 : ports.length);
    for (const { Properties } of groups) {
      const attributes = JSON.stringify(Properties['TargetGroupAttributes']);
      assert.match(attributes, /"proxy_protocol_v2\.enabled","Value":"true"/);
      assert.match(attributes, /"preserve_client_ip\.enabled","Value":"false"/);
      assert.match(attributes, /unhealthy\.connection_termination\.enabled","Value":"false"/);
    }
  }
});

test('without a load balancer the task itself is reached on all ports', () => {
  const { listeners } = templates.get('single') ?? standard;
  assert.deepEqual(resourcesOf(listeners, 'AWS::ElasticLoadBalancingV2::LoadBalancer'), []);
  const open = resourcesOf(listeners, 'AWS::EC2::SecurityGroup').flatMap(
    ({ Properties }) => (Properties['SecurityGroupIngress'] ?? []) as { FromPort: number }[],
  );
  assert.deepEqual(
    open.map(({ FromPort }) => FromPort).toSorted((one, other) => one - other),
    ports,
  );
});

test('by MX a task of its own sends, on port 25, and no function takes its jobs', () => {
  const { listeners, routing: routes } = synthesised('compact', { nextHop: 'mx' });
  const families = resourcesOf(listeners, 'AWS::ECS::TaskDefinition').map(
    ({ Properties }) => Properties['Family'],
  );
  assert.deepEqual(families.map(String).toSorted(), ['posta-mail', 'posta-mx']);
  const groups = JSON.stringify(resourcesOf(listeners, 'AWS::EC2::SecurityGroup'));
  assert.match(groups, /"Description":"other mail servers","FromPort":25/);
  const sources = resourcesOf(routes, 'AWS::Lambda::EventSourceMapping');
  assert.equal(sources.length, resourcesOf(routing, 'AWS::Lambda::EventSourceMapping').length - 1);
});

test('every program gets an environment that it can read', () => {
  const functions = resourcesOf(routing, 'AWS::Lambda::Function').map(
    ({ Properties }) => (Properties['Environment'] as { Variables: object }).Variables,
  );
  const containers = [...templates.values()].flatMap(({ listeners }) =>
    resourcesOf(listeners, 'AWS::ECS::TaskDefinition').map(({ Properties }) => {
      const [container] = Properties['ContainerDefinitions'] as {
        Environment: { Name: string; Value: unknown }[];
      }[];
      return Object.fromEntries((container?.Environment ?? []).map(({ Name, Value }) => [Name, Value]));
    }),
  );
  assert.equal(functions.length, 8);
  assert.equal(containers.length, 1 + 1 + 3);
  for (const environment of [...functions, ...containers]) readDeploymentSettings(filledIn(environment));
});

/** What only CloudFormation knows, as it might be. */
function filledIn(environment: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]: [string, unknown]) => {
      if (typeof value === 'string') return [name, value];
      return [name, name.startsWith('POSTA_QUEUE') ? 'https://sqs.test/1/q' : 'arn:aws:any:thing'];
    }),
  );
}

/** Actions that know no narrower resource, or name what is made later. */
const wildcards = new Map([
  ['ecr:GetAuthorizationToken', 'it has no resource'],
  ['sqs:ListQueues', 'it has no resource'],
  ['dynamodb:ListStreams', 'it has no resource'],
]);

test('no right is for everything, but those that are explained', () => {
  for (const { listeners } of [...templates.values()])
    for (const template of [routing, listeners])
      for (const statement of statementsOf(template)) {
        if (![statement.Resource].flat().includes('*')) continue;
        for (const action of [statement.Action].flat())
          assert.ok(wildcards.has(action), `${action} is allowed on *`);
      }
});

function statementsOf(
  template: Template,
): readonly { readonly Action: string; readonly Resource: unknown }[] {
  return resourcesOf(template, 'AWS::IAM::Policy').flatMap(({ Properties }) => {
    const { Statement } = Properties['PolicyDocument'] as {
      Statement: { Action: string; Resource: unknown }[];
    };
    return Statement;
  });
}

/** USD an hour, us-east-1, autumn 2026. */
const hourly = { vCpu: 0.03238, gb: 0.00356, address: 0.005, balancer: 0.0225 };
const hoursOfMonth = 730;

test('what each profile costs when nobody uses it: tasks, addresses and balancer', () => {
  const atMost = { single: 11, compact: 31, standard: 57 };
  for (const profile of profiles) {
    const { listeners } = templates.get(profile) ?? standard;
    const tasks = resourcesOf(listeners, 'AWS::ECS::TaskDefinition').map(({ Properties }) => Properties);
    const balancers = resourcesOf(listeners, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
    const zones = balancers.reduce(
      (sum, { Properties }) => sum + (Properties['Subnets'] as readonly unknown[]).length,
      0,
    );
    const anHour =
      tasks.reduce(
        (sum, { Cpu, Memory }) =>
          sum + (Number(Cpu) / 1024) * hourly.vCpu + (Number(Memory) / 1024) * hourly.gb + hourly.address,
        0,
      ) +
      balancers.length * hourly.balancer +
      zones * hourly.address;
    const month = anHour * hoursOfMonth;
    assert.ok(month > 5 && month <= atMost[profile], `${profile}: ${month.toFixed(2)} USD a month`);
  }
});

test('settings that are wrong are named, and what to do is said', () => {
  const read = (given: Readonly<Record<string, unknown>>) => () => readSettings(given);
  assert.throws(read({}), /domain: .*posta\.config\.json.*-c domain=example\.org/);
  assert.throws(read({ domain: 'example.org', profile: 'large' }), /profile: /);
  assert.throws(read({ domain: 'example.org', nextHop: 'smart-host' }), /smartHostSecret/);
  assert.throws(read({ domain: 'example.org', profile: 'single' }), /hostedZoneId/);
  assert.throws(read({ domain: 'example.org', certificate: 'acm' }), /certificateArn/);
  const { hostname, profile } = read({ domain: 'Example.ORG' })();
  assert.deepEqual([hostname, profile], ['mail.example.org', 'compact']);
});

test('with a hosted zone every record is kept in it, and the server’s name leads to the balancer or the task', () => {
  const hostedZoneId = 'Z0123456789';
  for (const profile of ['single', 'compact'] as const) {
    const { dns } = synthesised(profile, { hostedZoneId, moreDomains: 'other.example.com' });
    const records = resourcesOf(dns, 'AWS::Route53::RecordSet').map(({ Properties }) => Properties);
    const of = (type: string, name: string) =>
      records.filter(({ Type, Name }) => Type === type && Name === `${name}.`);
    assert.deepEqual(of('MX', 'example.org')[0]?.['ResourceRecords'], ['10 mail.example.org']);
    assert.deepEqual(of('TXT', 'example.org')[0]?.['ResourceRecords'], [
      '"v=spf1 mx include:amazonses.com -all"',
    ]);
    assert.deepEqual(of('SRV', '_imaps._tcp.example.org')[0]?.['ResourceRecords'], [
      '0 0 993 mail.example.org',
    ]);
    for (const name of ['mta-sts', 'autoconfig', 'autodiscover'])
      assert.equal(of('CNAME', `${name}.example.org`).length, 1, name);
    // Those of Amazon SES have names that only it knows.
    assert.equal(records.filter(({ Name }) => typeof Name !== 'string').length, 3);
    assert.equal(of('A', 'mail.example.org').length, profile === 'single' ? 0 : 1);
    const functions = resourcesOf(dns, 'AWS::Lambda::Function').map(({ Properties }) => Properties);
    assert.deepEqual(functions.map(({ FunctionName }) => String(FunctionName)).toSorted(), [
      ...(profile === 'single' ? ['posta-address'] : []),
      'posta-certify',
    ]);
    assert.match(
      JSON.stringify(functions),
      /"POSTA_CERTIFICATE_NAMES":"mail\.example\.org,mta-sts\.example\.org,autoconfig\.example\.org,autodiscover\.example\.org"/,
    );
    // The other domain is in no zone of ours.
    assert.deepEqual(
      records.filter(({ Name }) => String(Name).includes('other.example.com')),
      [],
    );
    const told = JSON.stringify(dns.findOutputs('*'));
    assert.match(told, /other\.example\.com\. 3600 IN MX 10 mail\.example\.org\./);
  }
});

test('without one they are told, as lines of a zone file', () => {
  const { dns } = standard;
  assert.deepEqual(resourcesOf(dns, 'AWS::Route53::RecordSet'), []);
  const told = JSON.stringify(dns.findOutputs('*'));
  for (const line of [
    'example.org. 3600 IN MX 10 mail.example.org.',
    '_submissions._tcp.example.org. 3600 IN SRV 0 0 465 mail.example.org.',
    'IN CNAME ',
  ])
    assert.ok(told.includes(line), line);
  const kept = resourcesOf(dns, 'AWS::SSM::Parameter').map(({ Properties }) => Properties['Name']);
  assert.deepEqual(kept.map(String).toSorted(), [
    '/posta/dns/example.org/clients',
    '/posta/dns/example.org/incoming',
    '/posta/dns/example.org/sending',
  ]);
});
