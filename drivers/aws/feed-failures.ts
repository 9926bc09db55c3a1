/** What the stream's reader gave up, in the bucket that takes it. */
import { DescribeStackResourcesCommand, type CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';

const answering = () => ({ abortSignal: AbortSignal.timeout(10_000) });

/** The bucket of a deployment. Rejects where its storage stack has none. */
export async function feedFailuresBucket(client: CloudFormationClient, stage: string): Promise<string> {
  const StackName = `${stage}-storage`;
  const { StackResources = [] } = await client.send(
    new DescribeStackResourcesCommand({ StackName }),
    answering(),
  );
  const bucket = StackResources.find(
    ({ ResourceType, LogicalResourceId = '' }) =>
      ResourceType === 'AWS::S3::Bucket' && LogicalResourceId.startsWith('FeedFailures'),
  );
  if (bucket?.PhysicalResourceId === undefined)
    throw new Error(`the stack ${StackName} has no bucket of failures`);
  return bucket.PhysicalResourceId;
}

/** 1000 at most. */
export async function countFeedFailures(client: S3Client, bucket: string): Promise<number> {
  const { KeyCount = 0 } = await client.send(new ListObjectsV2Command({ Bucket: bucket }), answering());
  return KeyCount;
}
