/** The public address of a service's newest task that runs: what a server's name must lead to where no load balancer stands. */
import { DescribeNetworkInterfacesCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { DescribeTasksCommand, ListTasksCommand, type ECSClient, type Task } from '@aws-sdk/client-ecs';

export interface TaskAddressOptions {
  readonly ecs: ECSClient;
  readonly ec2: EC2Client;
  readonly cluster: string;
  readonly service: string;
}

const answerMs = 10_000;

/** Undefined while none runs. */
export async function taskAddress({
  ecs,
  ec2,
  cluster,
  service,
}: TaskAddressOptions): Promise<string | undefined> {
  const answering = () => ({ abortSignal: AbortSignal.timeout(answerMs) });
  const { taskArns = [] } = await ecs.send(
    new ListTasksCommand({ cluster, serviceName: service, desiredStatus: 'RUNNING' }),
    answering(),
  );
  if (taskArns.length === 0) return undefined;
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }), answering());
  const newest = tasks
    .filter(({ lastStatus, desiredStatus }) => lastStatus === 'RUNNING' && desiredStatus === 'RUNNING')
    .toSorted((one, other) => startOf(other) - startOf(one))[0];
  const networkInterface = newest && networkInterfaceOf(newest);
  if (networkInterface === undefined) return undefined;
  const { NetworkInterfaces = [] } = await ec2.send(
    new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [networkInterface] }),
    answering(),
  );
  return NetworkInterfaces[0]?.Association?.PublicIp;
}

function startOf({ startedAt }: Task): number {
  return startedAt?.getTime() ?? 0;
}

function networkInterfaceOf({ attachments = [] }: Task): string | undefined {
  return attachments.flatMap(({ details = [] }) => details).find(({ name }) => name === 'networkInterfaceId')
    ?.value;
}
