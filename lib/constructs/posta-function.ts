/** A Lambda of Posta: bundled from its handler, on ARM64, with a log group of its own. */
import { join } from 'node:path';
import { RemovalPolicy, type Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { explain } from '../explained.ts';

export interface PostaFunctionProps {
  readonly stage: string;
  /** Names it in the console, behind the stage. */
  readonly name: string;
  /** The folder of its handler under lambdas/; default its name. */
  readonly folder?: string;
  /** The export; default `handler`. */
  readonly handler?: string;
  readonly description: string;
  readonly timeout: Duration;
  /** In MB. */
  readonly memory: number;
  readonly environment: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '..', '..');

export class PostaFunction extends NodejsFunction {
  constructor(scope: Construct, id: string, props: PostaFunctionProps) {
    const { stage, name, folder = name, handler = 'handler', memory, environment } = props;
    const logGroup = new LogGroup(scope, `${id}Log`, {
      logGroupName: logGroupName(stage, name),
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // The managed policy would let it write into every log group.
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Posta ${stage}: what ${name} may do`,
    });
    logGroup.grantWrite(role);
    super(scope, id, {
      role,
      functionName: `${stage}-${name}`,
      description: props.description,
      entry: join(root, 'lambdas', folder, 'handler.ts'),
      handler,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: memory,
      timeout: props.timeout,
      environment: { ...environment },
      logGroup,
      depsLockFilePath: join(root, 'package-lock.json'),
      projectRoot: root,
      bundling: {
        target: 'node24',
        format: OutputFormat.CJS,
        minify: true,
        keepNames: true,
        // Pinned with us: the runtime's own SDK changes by itself.
        bundleAwsSDK: true,
        externalModules: [],
      },
    });
    explain(
      this,
      {
        rule: 'Serverless-LambdaTracing',
        because: 'the log follows each message by its id, and X-Ray is paid for each trace',
      },
      {
        rule: 'Serverless-LambdaDLQ',
        because:
          'its jobs come from queues that have dead-letter queues, or from a schedule that comes again',
      },
    );
  }
}

/** Where a program's lines are kept. */
export function logGroupName(stage: string, name: string): string {
  return `/${stage}/${name}`;
}
