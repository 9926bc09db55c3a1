/** Asks a deployment's admin function to do what its admin wants. */
import {
  InvokeCommand,
  ResourceNotFoundException,
  TooManyRequestsException,
  type LambdaClient,
} from '@aws-sdk/client-lambda';

export interface AskAdminOptions {
  readonly client: LambdaClient;
  /** Names the deployment. */
  readonly stage: string;
}

/** A fault with a sentence that says what to do. */
export class AdminNotAsked extends Error {}

/** The function itself has 60 s. */
const answerMs = 75_000;

/** What the function answers, plain. Rejects with `AdminNotAsked` where it could not be asked, or failed. */
export async function askAdmin(
  { client, stage }: AskAdminOptions,
  event: { readonly command: string; readonly input: unknown },
): Promise<unknown> {
  const name = `${stage}-admin`;
  const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) });
  const { FunctionError, Payload } = await client
    .send(command, { abortSignal: AbortSignal.timeout(answerMs) })
    .catch(async (fault: unknown) => {
      throw new AdminNotAsked(await sentenceOf(fault, { name, stage, client }), { cause: fault });
    });
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError === undefined) return JSON.parse(text === '' ? 'null' : text);
  const { errorMessage = text } = JSON.parse(text) as { readonly errorMessage?: string };
  throw new AdminNotAsked(
    `the function ${name} failed: ${errorMessage}. Its log group /${stage}/admin says more; nothing may have been done, or all of it`,
  );
}

async function sentenceOf(
  fault: unknown,
  { name, stage, client }: { readonly name: string; readonly stage: string; readonly client: LambdaClient },
): Promise<string> {
  const { name: kind = '', message = '' } = fault instanceof Error ? fault : {};
  const region = await client.config.region().catch(() => undefined);
  if (region === undefined) return 'no AWS region is set. Set AWS_REGION, or a region in your AWS profile';
  if (fault instanceof ResourceNotFoundException)
    return `there is no deployment ${stage} in ${region}: no function ${name}. Look at the name and at AWS_REGION`;
  if (fault instanceof TooManyRequestsException)
    return `AWS runs no more functions at once for this account just now. Try again in a moment`;
  if (kind === 'CredentialsProviderError')
    return `there are no AWS credentials: ${message}. Sign in (aws sso login), or set AWS_PROFILE`;
  if (/AccessDenied|UnrecognizedClient|ExpiredToken|InvalidSignature/.test(kind))
    return `AWS does not let you: ${message}. It takes the right lambda:InvokeFunction on ${name} in ${region}`;
  if (kind === 'TimeoutError' || kind === 'AbortError')
    return `the function ${name} did not answer within ${answerMs / 1000} s: look whether it was done before you try again`;
  return `the function ${name} in ${region} could not be asked: ${kind} ${message}`.trim();
}
