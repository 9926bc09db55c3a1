/** The load balancer of the mail ports: TCP as it comes, TLS is the containers' business, PROXY headers say who the client is. */
import { CfnOutput, Duration } from 'aws-cdk-lib';
import { Peer, Port, SecurityGroup, type IVpc } from 'aws-cdk-lib/aws-ec2';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import {
  NetworkLoadBalancer,
  NetworkTargetGroup,
  Protocol,
  TargetType,
  type CfnListener,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import type { StandardPort } from '../../containers/standard-ports.ts';
import { explain } from '../explained.ts';

export interface MailBalancerProps {
  readonly stage: string;
  readonly vpc: IVpc;
}

export interface MailTarget {
  readonly service: FargateService;
  readonly container: string;
  readonly containerPort: number;
  /** Ports of the balancer that lead to it. */
  readonly ports: readonly StandardPort[];
  readonly tasks: SecurityGroup;
}

/** Of a group of what anybody may connect to. */
export const openToAll = {
  rule: 'AwsSolutions-EC23',
  because: 'a mail server is there for everybody who writes to it, on the mail ports and no others',
};

/** IMAP clients wait in IDLE for 29 minutes (RFC 2177). */
const idleSeconds = 6000;

export class MailBalancer extends Construct {
  readonly balancer: NetworkLoadBalancer;
  readonly #group: SecurityGroup;
  readonly #vpc: IVpc;

  constructor(scope: Construct, id: string, { stage, vpc }: MailBalancerProps) {
    super(scope, id);
    this.#vpc = vpc;
    this.#group = new SecurityGroup(this, 'Group', {
      vpc,
      description: `Posta ${stage}: who may reach the mail ports`,
      allowAllOutbound: false,
    });
    this.balancer = new NetworkLoadBalancer(this, 'Balancer', {
      loadBalancerName: stage,
      vpc,
      internetFacing: true,
      securityGroups: [this.#group],
      crossZoneEnabled: true,
    });
    explain(this.#group, openToAll);
    explain(this.balancer, {
      rule: 'AwsSolutions-ELB2',
      because: 'such a balancer logs only TLS that it ends itself; the listeners log each session',
    });
    new CfnOutput(this, 'Name', { value: this.balancer.loadBalancerDnsName });
  }

  /** One target group for what leads to one port of a container. */
  add(id: string, { service, container, containerPort, ports, tasks }: MailTarget): NetworkTargetGroup {
    const group = new NetworkTargetGroup(this, id, {
      vpc: this.#vpc,
      port: containerPort,
      protocol: Protocol.TCP,
      targetType: TargetType.IP,
      proxyProtocolV2: true,
      // With it, IPv6 clients of IPv4 targets show the balancer's address; the header has the true one.
      preserveClientIp: false,
      deregistrationDelay: Duration.seconds(120),
      healthCheck: { protocol: Protocol.TCP, interval: Duration.seconds(10) },
      targets: [service.loadBalancerTarget({ containerName: container, containerPort })],
    });
    // A task whose health check fails is drained, not cut off.
    group.setAttribute('target_health_state.unhealthy.connection_termination.enabled', 'false');
    tasks.addIngressRule(this.#group, Port.tcp(containerPort), 'from the load balancer');
    this.#group.addEgressRule(tasks, Port.tcp(containerPort), 'to the tasks');
    for (const port of ports) {
      this.#group.addIngressRule(Peer.anyIpv4(), Port.tcp(port), 'mail clients and other servers');
      const listener = this.balancer.addListener(`Port${port}`, {
        port,
        protocol: Protocol.TCP,
        defaultTargetGroups: [group],
      });
      (listener.node.defaultChild as CfnListener).listenerAttributes = [
        { key: 'tcp.idle_timeout.seconds', value: String(idleSeconds) },
      ];
    }
    return group;
  }
}
