/** What a container that listens runs as: the image, its environment, a volume to write to, and what it may do. */
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  type ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
  type ContainerDefinition,
} from 'aws-cdk-lib/aws-ecs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { StandardPort } from '../../containers/standard-ports.ts';
import { explain } from '../explained.ts';
import { allow, explainWildcard, grantBlobs, grantItems } from '../grants.ts';
import { containerEnvironment, programEnvironment } from '../program-environment.ts';
import type { RoutingStack } from '../routing-stack.ts';
import type { PostaSettings } from '../settings.ts';
import type { StorageStack } from '../storage-stack.ts';
import { logGroupName } from './posta-function.ts';

export interface ListenerTaskProps {
  readonly settings: PostaSettings;
  readonly storage: StorageStack;
  readonly routing: RoutingStack;
  readonly image: ContainerImage;
  /** The program in the image: `smtp`, `imap`, `pop3`, `all`. */
  readonly program: string;
  /** Names it in the console, and its log group. */
  readonly name: string;
  /** Those it stands on, each at `portBase` above. */
  readonly ports: readonly StandardPort[];
  readonly portBase: number;
  /** Whether a load balancer stands before it, which says who the client is. */
  readonly proxy: boolean;
  readonly cpu: number;
  /** In MB. */
  readonly memory: number;
  /** Ports of the container besides. */
  readonly morePorts?: readonly number[];
}

/** The user of the image may not take the real ports unless the system lets it. */
const unprivilegedPorts = { namespace: 'net.ipv4.ip_unprivileged_port_start', value: '0' };

export class ListenerTask extends Construct {
  readonly definition: FargateTaskDefinition;
  readonly container: ContainerDefinition;

  constructor(scope: Construct, id: string, props: ListenerTaskProps) {
    super(scope, id);
    const { settings, storage, routing, name, program, portBase, ports, morePorts = [] } = props;
    const { stage } = settings;
    this.definition = new FargateTaskDefinition(this, 'Definition', {
      family: `${stage}-${name}`,
      cpu: props.cpu,
      memoryLimitMiB: props.memory,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.ARM64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
      volumes: [{ name: 'scratch' }],
    });
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: logGroupName(stage, name),
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.container = this.definition.addContainer(name, {
      image: props.image,
      command: ['node', `${program}.mjs`],
      environment: {
        ...programEnvironment({ settings, storage, queues: routing.queues, wakeTopic: routing.wakeTopic }),
        ...containerEnvironment(storage.certificate),
        POSTA_PORT_BASE: String(portBase),
        POSTA_PROXY_PROTOCOL: props.proxy ? 'required' : 'off',
      },
      portMappings: [...ports, ...morePorts].map((port) => ({ containerPort: portBase + port })),
      readonlyRootFilesystem: true,
      healthCheck: {
        command: ['CMD', 'node', 'health-check.mjs'],
        interval: Duration.seconds(30),
        timeout: Duration.seconds(5),
        startPeriod: Duration.seconds(60),
      },
      // Sessions have time to end; Fargate gives no more.
      stopTimeout: Duration.seconds(120),
      logging: LogDrivers.awsLogs({ logGroup, streamPrefix: name }),
      ...(portBase === 0 ? { systemControls: [unprivilegedPorts] } : {}),
    });
    this.container.addMountPoints({ containerPath: '/scratch', sourceVolume: 'scratch', readOnly: false });
    this.#grant(props);
  }

  #grant({ settings, storage, routing }: ListenerTaskProps): void {
    const role = this.definition.taskRole;
    grantItems(storage.table, role);
    grantBlobs(storage.messages, role, { deletes: true });
    storage.certificate.grantRead(role);
    routing.queues.route.queue.grantSendMessages(role);
    routing.queues.deliver.queue.grantSendMessages(role);
    routing.wakeTopic.grantPublish(role);
    const taskQueues = Stack.of(this).formatArn({ service: 'sqs', resource: `${settings.stage}-wake-*` });
    const { topicArn } = routing.wakeTopic;
    for (const statement of [
      allow(['sns:Subscribe', 'sns:Unsubscribe'], [topicArn, `${topicArn}:*`]),
      // The queue that a task makes for itself.
      allow(
        [
          'sqs:CreateQueue',
          'sqs:DeleteQueue',
          'sqs:TagQueue',
          'sqs:GetQueueAttributes',
          'sqs:SetQueueAttributes',
          'sqs:ReceiveMessage',
          'sqs:DeleteMessage',
        ],
        [taskQueues],
      ),
    ])
      this.definition.addToTaskRolePolicy(statement);
    explainWildcard(role, /-wake-\*$/, 'the queue that a task makes for itself, under a name of its own');
    explainWildcard(role, /:\*$/, 'the subscriptions of a topic, which it names itself');
    explainWildcard(
      this.definition.obtainExecutionRole(),
      /^Resource::\*$/,
      'to log in to the registry is not allowed for less',
    );
    explain(this.definition, {
      rule: 'AwsSolutions-ECS2',
      because: 'the environment holds names of resources; secrets are read at run time, by their ARN',
    });
  }
}
