/** The containers that listen: a network without NAT, Fargate services by profile, the load balancer before them. */
import { join } from 'node:path';
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import {
  GatewayVpcEndpointAwsService,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Cluster, ContainerImage, ContainerInsights, FargateService } from 'aws-cdk-lib/aws-ecs';
import type { NetworkLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { standardPorts, type StandardPort } from '../containers/standard-ports.ts';
import { logGroupName } from './constructs/posta-function.ts';
import { ListenerTask } from './constructs/listener-task.ts';
import { scale } from './constructs/scaling.ts';
import { MailBalancer, openToAll } from './constructs/mail-balancer.ts';
import { explain } from './explained.ts';
import type { RoutingStack } from './routing-stack.ts';
import type { PostaSettings } from './settings.ts';
import type { StorageStack } from './storage-stack.ts';

export interface ListenersStackProps extends StackProps {
  readonly settings: PostaSettings;
  readonly storage: StorageStack;
  readonly routing: RoutingStack;
}

/** A container's user may not take the real ports: it stands so far above. */
const portBase = 2000;
/** Above the port base: all ports behind one, told apart by the PROXY header (`bin/container.ts`). */
const onePort = 1;
const allPorts = Object.values(standardPorts);

/** A service of the standard profile. */
interface Listening {
  readonly name: string;
  readonly ports: readonly StandardPort[];
}

const { smtp, submission, submissions, https, imap, imaps, pop3, pop3s } = standardPorts;
const perProtocol: readonly Listening[] = [
  { name: 'smtp', ports: [smtp, submission, submissions, https] },
  { name: 'imap', ports: [imap, imaps] },
  { name: 'pop3', ports: [pop3, pop3s] },
];

export class ListenersStack extends Stack {
  readonly services: readonly FargateService[];
  /** Those that clients connect to, as they name themselves in log and metrics. */
  readonly programs: readonly string[];
  readonly logGroups: readonly string[];
  readonly cluster: Cluster;
  /** None where the task itself is reached. */
  readonly balancer: NetworkLoadBalancer | undefined;
  readonly #props: ListenersStackProps;
  readonly #vpc: Vpc;
  readonly #image: ContainerImage;

  constructor(scope: Construct, id: string, props: ListenersStackProps) {
    super(scope, id, {
      ...props,
      description: `Posta ${props.settings.stage}: what mail clients and other servers connect to`,
    });
    this.#props = props;
    const { stage, profile, image } = props.settings;
    this.#vpc = this.#network(profile === 'standard' ? 2 : 1);
    this.cluster = new Cluster(this, 'Cluster', {
      clusterName: stage,
      vpc: this.#vpc,
      containerInsightsV2: ContainerInsights.DISABLED,
    });
    explain(this.cluster, {
      rule: 'AwsSolutions-ECS4',
      because: 'insights cost more than a task; what matters is measured by the programs themselves',
    });
    this.#image =
      image === undefined
        ? ContainerImage.fromAsset(join(import.meta.dirname, '..'), {
            file: 'containers/Dockerfile',
            // Only what it copies: a change elsewhere is no reason to roll out new tasks.
            exclude: ['*', '!dist/containers/**', '!containers/Dockerfile'],
            platform: Platform.LINUX_ARM64,
          })
        : ContainerImage.fromRegistry(image);
    const balancer =
      profile === 'single' ? undefined : new MailBalancer(this, 'Mail', { stage, vpc: this.#vpc });
    this.balancer = balancer?.balancer;
    const listening =
      balancer === undefined || profile === 'single' ? [this.#single()] : this.#balanced(balancer, profile);
    const sends = props.settings.nextHop === 'mx';
    this.services = sends ? [...listening, this.#relay()] : listening;
    const names = profile === 'standard' ? perProtocol.map(({ name }) => name) : ['mail'];
    this.programs = names;
    this.logGroups = [...names, ...(sends ? ['mx'] : [])].map((name) => logGroupName(stage, name));
  }

  /** Tasks have public addresses, which only the load balancer may reach: a NAT gateway would cost more than all the rest. */
  #network(zones: number): Vpc {
    const vpc = new Vpc(this, 'Network', {
      vpcName: this.#props.settings.stage,
      maxAzs: zones,
      natGateways: 0,
      subnetConfiguration: [{ name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24 }],
    });
    explain(vpc, {
      rule: 'AwsSolutions-VPC7',
      because: 'the listeners log each connection with its address; flow logs cost more than the network',
    });
    vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
    vpc.addGatewayEndpoint('DynamoDb', { service: GatewayVpcEndpointAwsService.DYNAMODB });
    return vpc;
  }

  /** One task that clients reach by its own address, on the real ports. */
  #single(): FargateService {
    const tasks = this.#group('Tasks');
    for (const port of allPorts)
      tasks.addIngressRule(Peer.anyIpv4(), Port.tcp(port), 'mail clients and other servers');
    explain(tasks, openToAll);
    const task = this.#task('mail', { program: 'all', ports: allPorts, portBase: 0, proxy: false });
    return this.#service('mail', { task, tasks, desiredCount: 1 });
  }

  /** Sends to the recipients' own servers; nobody connects to it. */
  #relay(): FargateService {
    const { routing } = this.#props;
    const task = this.#task('mx', { program: 'relay', ports: [], portBase, proxy: false });
    routing.queues.relay.queue.grantConsumeMessages(task.definition.taskRole);
    routing.queues.relay.queue.grantSendMessages(task.definition.taskRole);
    const tasks = this.#group('RelayTasks');
    tasks.addEgressRule(Peer.anyIpv4(), Port.tcp(standardPorts.smtp), 'other mail servers');
    return this.#service('mx', { task, tasks, desiredCount: 1 });
  }

  #balanced(balancer: MailBalancer, profile: 'compact' | 'standard'): readonly FargateService[] {
    const { stage, maxTasks } = this.#props.settings;
    if (profile === 'compact') {
      const morePorts = [onePort];
      const task = this.#task('mail', { program: 'all', ports: allPorts, portBase, proxy: true, morePorts });
      const tasks = this.#group('Tasks');
      const service = this.#service('mail', { task, tasks, desiredCount: 1 });
      scale(service, { stage, program: 'mail', maxTasks });
      const containerPort = portBase + onePort;
      balancer.add('All', { service, container: 'mail', containerPort, ports: allPorts, tasks });
      return [service];
    }
    return perProtocol.map(({ name, ports }) => {
      const task = this.#task(name, { program: name, ports, portBase, proxy: true });
      const tasks = this.#group(`${name}Tasks`);
      const service = this.#service(name, { task, tasks, desiredCount: 1 });
      scale(service, { stage, program: name, maxTasks });
      for (const port of ports)
        balancer.add(`${name}${port}`, {
          service,
          container: name,
          containerPort: portBase + port,
          ports: [port],
          tasks,
        });
      return service;
    });
  }

  #group(id: string): SecurityGroup {
    const { stage } = this.#props.settings;
    // Out: the services of AWS by HTTPS, and DNS.
    const group = new SecurityGroup(this, id, {
      vpc: this.#vpc,
      description: `Posta ${stage}: the tasks that listen`,
      allowAllOutbound: false,
    });
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'services of AWS');
    return group;
  }

  #task(
    name: string,
    options: Pick<
      ConstructorParameters<typeof ListenerTask>[2],
      'program' | 'ports' | 'portBase' | 'proxy' | 'morePorts'
    >,
  ): ListenerTask {
    const { settings, storage, routing } = this.#props;
    return new ListenerTask(this, `${name}Task`, {
      settings,
      storage,
      routing,
      image: this.#image,
      name,
      cpu: 256,
      memory: 512,
      ...options,
    });
  }

  #service(
    name: string,
    {
      task,
      tasks,
      desiredCount,
    }: { readonly task: ListenerTask; readonly tasks: SecurityGroup; readonly desiredCount: number },
  ): FargateService {
    return new FargateService(this, `${name}Service`, {
      serviceName: name,
      cluster: this.cluster,
      taskDefinition: task.definition,
      desiredCount,
      assignPublicIp: true,
      securityGroups: [tasks],
      // A deployment starts the new tasks before it ends the old ones, and goes back when they do not come up.
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
      healthCheckGracePeriod: Duration.seconds(60),
    });
  }
}
