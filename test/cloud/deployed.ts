/** What was deployed, read back from the services themselves. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';

/** The outputs of a stack, by name. */
export async function outputsOf(stack: string): Promise<Readonly<Record<string, string>>> {
  const client = new CloudFormationClient();
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
  client.destroy();
  return Object.fromEntries(
    (Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
}

/** A container as its task definition describes it. */
export interface DescribedContainer {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly readonlyRootFilesystem: boolean;
}

/** The newest task definition of a family. By HTTP: one call is not worth a client. */
export async function containerOf(family: string): Promise<DescribedContainer> {
  const described = await ecs('DescribeTaskDefinition', { taskDefinition: family });
  const [container] = described.taskDefinition.containerDefinitions;
  if (container === undefined) throw new Error(`the task definition ${family} has no container`);
  return {
    command: container.command,
    environment: Object.fromEntries(container.environment.map(({ name, value }) => [name, value])),
    ports: container.portMappings.map(({ containerPort }) => containerPort),
    readonlyRootFilesystem: container.readonlyRootFilesystem,
  };
}

interface TaskDefinitionAnswer {
  readonly taskDefinition: {
    readonly containerDefinitions: readonly {
      readonly command: readonly string[];
      readonly environment: readonly { readonly name: string; readonly value: string }[];
      readonly portMappings: readonly { readonly containerPort: number }[];
      readonly readonlyRootFilesystem: boolean;
    }[];
  };
}

async function ecs(action: string, input: object): Promise<TaskDefinitionAnswer> {
  const answer = await fetch(process.env['AWS_ENDPOINT_URL'] ?? '', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonEC2ContainerServiceV20141113.${action}`,
      // The emulator looks only at which service and region are meant.
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ecs/aws4_request, SignedHeaders=host, Signature=none',
    },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(`ECS answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as TaskDefinitionAnswer;
}

/** What a function answers; its fault is an error. */
export async function invoke(name: string, event: object): Promise<Record<string, unknown> | null> {
  const client = new LambdaClient();
  const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) });
  const { FunctionError, Payload } = await client.send(command);
  client.destroy();
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError !== undefined) throw new Error(`${name}: ${text}`);
  return JSON.parse(text === '' ? 'null' : text) as Record<string, unknown> | null;
}
