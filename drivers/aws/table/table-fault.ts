/** What DynamoDB refused, or did not answer however often it was asked: with what to do next. */
import { isThrottled, isUnanswered } from '../failures.ts';

/** A fault of a table; `cause` is the SDK's. */
export class TableFault extends Error {
  constructor(tableName: string, cause: unknown) {
    const { name, message } = cause instanceof Error ? cause : { name: 'fault', message: String(cause) };
    const said = `DynamoDB did not do what was asked of the table ${tableName} (${name}: ${message})`;
    super(`${said}: ${adviceOn(name, cause)}`, { cause });
    this.name = 'TableFault';
  }
}

function adviceOn(name: string, cause: unknown): string {
  if (isThrottled(cause))
    return 'too much is asked of it at once; try again later, and look at its throttled requests in CloudWatch';
  if (isUnanswered(cause)) return 'no answer came; try again, and look at the network and the service';
  switch (name) {
    case 'ResourceNotFoundException':
      return 'look whether the table is there, in this account and region';
    case 'AccessDeniedException':
      return 'look at the policy of the role that this program has';
    case 'CredentialsProviderError':
    case 'ExpiredTokenException':
    case 'UnrecognizedClientException':
      return 'look at the credentials that this program has';
    case 'IdempotentParameterMismatchException':
      return 'the token of this commit came with other writes within the last 10 minutes; give each its own';
    default:
      return 'an error of this program, or of the table';
  }
}
