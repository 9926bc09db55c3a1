/** What programs may do, each set of actions by its name. */
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, PolicyStatement, Role, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { explain } from './explained.ts';

/** Items are read and changed; the table itself is not, and it is never scanned. */
export function grantItems(table: ITableV2, grantee: IGrantable): void {
  table.grant(
    grantee,
    'dynamodb:GetItem',
    'dynamodb:BatchGetItem',
    'dynamodb:Query',
    'dynamodb:PutItem',
    'dynamodb:DeleteItem',
    'dynamodb:ConditionCheckItem',
  );
}

/** Without the right to list, S3 answers "forbidden" for what is not there. */
export function grantBlobs(
  bucket: IBucket,
  grantee: IGrantable,
  { deletes = false }: { readonly deletes?: boolean } = {},
): void {
  Grant.addToPrincipal({ grantee, actions: ['s3:ListBucket'], resourceArns: [bucket.bucketArn] });
  Grant.addToPrincipal({
    grantee,
    actions: [
      's3:GetObject',
      's3:PutObject',
      's3:AbortMultipartUpload',
      ...(deletes ? ['s3:DeleteObject'] : []),
    ],
    resourceArns: [bucket.arnForObjects('*')],
  });
  explainWildcard(grantee, /\/\*$/, 'of its bucket a program reads and writes whatever message it is given');
}

/** Why what somebody may do ends in `*`. `finding`: the resource or action as the rule shows it. */
export function explainWildcard(grantee: IGrantable, finding: RegExp, because: string): void {
  const role = grantee.grantPrincipal;
  if (!(role instanceof Role)) throw new Error('only a role has policies of its own');
  explain(role, { rule: 'AwsSolutions-IAM5', finding, because });
}

/** Of one resource, or all that begin so. */
export function allow(
  actions: readonly string[],
  resources: readonly string[],
  conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>,
): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [...resources], conditions });
}
