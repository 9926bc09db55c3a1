/** A function that keeps a name leading to the task that runs: each start of a task has another public address. */
import { Duration } from 'aws-cdk-lib';
import type { Cluster, FargateService } from 'aws-cdk-lib/aws-ecs';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { explain } from '../explained.ts';
import { allow, explainWildcard } from '../grants.ts';
import { PostaFunction } from './posta-function.ts';

export interface TaskAddressProps {
  readonly stage: string;
  readonly hostname: string;
  readonly zone: IHostedZone;
  readonly cluster: Cluster;
  readonly service: FargateService;
}

export class TaskAddress extends Construct {
  constructor(scope: Construct, id: string, { stage, hostname, zone, cluster, service }: TaskAddressProps) {
    super(scope, id);
    const keeping = new PostaFunction(this, 'Function', {
      stage,
      name: 'address',
      description: 'Keeps the DNS record of the mail server on the address of the task that runs',
      timeout: Duration.minutes(5),
      memory: 256,
      environment: {
        POSTA_HOSTNAME: hostname,
        POSTA_HOSTED_ZONE_ID: zone.hostedZoneId,
        POSTA_CLUSTER: cluster.clusterName,
        POSTA_SERVICE: service.serviceName,
      },
    });
    const { clusterArn, clusterName } = cluster;
    const inCluster = { ArnEquals: { 'ecs:cluster': clusterArn } };
    // What lists has no resource of its own: the cluster is a condition.
    keeping.addToRolePolicy(allow(['ecs:ListTasks'], ['*'], inCluster));
    const tasks = Stack.of(this).formatArn({
      service: 'ecs',
      resource: 'task',
      resourceName: `${clusterName}/*`,
    });
    keeping.addToRolePolicy(allow(['ecs:DescribeTasks'], [tasks], inCluster));
    keeping.addToRolePolicy(allow(['ec2:DescribeNetworkInterfaces'], ['*']));
    explainWildcard(keeping, /^Resource::\*$|\/\*$/, 'tasks and their interfaces are new at each start');
    keeping.addToRolePolicy(
      allow(['route53:ChangeResourceRecordSets'], [zone.hostedZoneArn], {
        'ForAllValues:StringEquals': {
          'route53:ChangeResourceRecordSetsNormalizedRecordNames': [hostname],
          'route53:ChangeResourceRecordSetsRecordTypes': ['A'],
        },
      }),
    );
    keeping.addToRolePolicy(
      allow(
        ['route53:GetChange'],
        [
          Stack.of(this).formatArn({
            service: 'route53',
            region: '',
            account: '',
            resource: 'change',
            resourceName: '*',
          }),
        ],
      ),
    );
    for (const rule of [
      new Rule(this, 'Started', {
        description: `Posta ${stage}: a task has started`,
        eventPattern: {
          source: ['aws.ecs'],
          detailType: ['ECS Task State Change'],
          detail: { clusterArn: [clusterArn], lastStatus: ['RUNNING'] },
        },
      }),
      new Rule(this, 'Look', {
        description: `Posta ${stage}: whether the record still leads to the task`,
        schedule: Schedule.rate(Duration.minutes(5)),
      }),
    ]) {
      rule.addTarget(new LambdaFunction(keeping));
      explain(rule, { rule: 'Serverless-EventBusDLQ', because: 'it looks again every five minutes' });
    }
  }
}
