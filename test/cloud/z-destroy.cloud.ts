/** The end of a deployment: what must outlive it outlives it. Runs last: nothing is left for others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { cdk } from './cdk.ts';
import { outputsOf } from './deployed.ts';

test('cdk destroy takes every stack but storage, which refuses, and whose bucket and table stay whatever is done', async () => {
  const { TableName = '', MessagesBucket = '' } = await outputsOf('posta-storage');
  const refused = await cdk(['destroy', 'posta-storage', '--force']);
  assert.notEqual(refused.code, 0, refused.output);
  assert.match(refused.output, /[Tt]ermination ?[Pp]rotection/);
  const others = ['operations', 'dns', 'listeners', 'routing'].map((name) => `posta-${name}`);
  const { code, output } = await cdk(['destroy', ...others, '--force']);
  assert.equal(code, 0, output);
  const client = new CloudFormationClient();
  await client.send(
    new UpdateTerminationProtectionCommand({
      StackName: 'posta-storage',
      EnableTerminationProtection: false,
    }),
  );
  const destroyed = await cdk(['destroy', 'posta-storage', '--force']);
  assert.equal(destroyed.code, 0, destroyed.output);
  for (const StackName of [...others, 'posta-storage'])
    await assert.rejects(client.send(new DescribeStacksCommand({ StackName })), /does not exist/);
  client.destroy();
  const { Table } = await new DynamoDBClient().send(new DescribeTableCommand({ TableName }));
  assert.equal(Table?.TableStatus, 'ACTIVE');
  await new S3Client().send(new HeadBucketCommand({ Bucket: MessagesBucket }));
});
