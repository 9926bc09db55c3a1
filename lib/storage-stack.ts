/** What must outlive everything else: the messages' bytes, the table, the certificate. Retained whatever is done to the stack. */
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, Billing, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { explain } from './explained.ts';
import type { PostaSettings } from './settings.ts';

/** The window of the table's point-in-time recovery; the bytes must be there for every moment of it. */
const recoveryDays = 35;

export interface StorageStackProps extends StackProps {
  readonly settings: PostaSettings;
}

export class StorageStack extends Stack {
  /** Index, directory, outbound queue: the keys `pk` and `sk`. */
  readonly table: TableV2;
  /** Messages, under keys that say whose they are. */
  readonly messages: Bucket;
  /** What the stream's reader could not handle, whole. */
  readonly failures: Bucket;
  /** The listeners' certificate and its key. */
  readonly certificate: ISecret;

  constructor(scope: Construct, id: string, { settings, ...props }: StorageStackProps) {
    super(scope, id, {
      ...props,
      description: `Posta ${settings.stage}: mailboxes and their index. Everything here is kept when the stack goes`,
      terminationProtection: true,
    });
    const { stage } = settings;
    this.table = new TableV2(this, 'Table', {
      tableName: stage,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      dynamoStream: StreamViewType.NEW_IMAGE,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'expiresAt',
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const kept = {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    };
    this.messages = new Bucket(this, 'Messages', {
      ...kept,
      versioned: true,
      lifecycleRules: [
        { id: 'abandoned-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
        { id: 'incoming', prefix: 'incoming/', expiration: Duration.days(30) },
        {
          id: 'old-versions',
          noncurrentVersionExpiration: Duration.days(recoveryDays + 1),
          expiredObjectDeleteMarker: true,
        },
      ],
    });
    this.failures = new Bucket(this, 'FeedFailures', {
      ...kept,
      lifecycleRules: [{ id: 'seen-to', expiration: Duration.days(90) }],
    });
    this.certificate =
      settings.certificateSecret === undefined
        ? new Secret(this, 'Certificate', {
            secretName: `${stage}/certificate`,
            description: 'The certificate of the mail server: JSON with certificate and key, in PEM',
            removalPolicy: RemovalPolicy.RETAIN,
          })
        : Secret.fromSecretCompleteArn(this, 'Certificate', settings.certificateSecret);
    for (const bucket of [this.messages, this.failures])
      explain(bucket, {
        rule: 'AwsSolutions-S1',
        because:
          'it is private, and an access log costs as much as the requests; CloudTrail can be turned on for it',
      });
    explain(this.certificate, {
      rule: 'AwsSolutions-SMG4',
      because: 'a certificate is renewed by its authority’s rules, and the listeners read it again',
    });
    new CfnOutput(this, 'TableName', { value: this.table.tableName });
    new CfnOutput(this, 'MessagesBucket', { value: this.messages.bucketName });
    new CfnOutput(this, 'CertificateSecret', { value: this.certificate.secretArn });
  }
}
