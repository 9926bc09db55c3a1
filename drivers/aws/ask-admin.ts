/** Asks a deployment's admin function to do what its admin wants. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  InvokeCommand,
  ResourceConflictException,
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
/** At what AWS turned away before it began: some three seconds. */
const maxAttempts = 4;

/** What the function answers, plain. Rejects with `AdminNotAsked` where it could not be asked, or failed. */
export async function askAdmin(
  { client, stage }: AskAdminOptions,
  event: { readonly command: string; readonly input: unknown },
): Promise<unknown> {
  const name = `${stage}-admin`;
  const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) });
  const abortSignal = AbortSignal.timeout(answerMs);
  const { FunctionError, Payload } = await patiently(() => client.send(command, { abortSignal })).catch(
    async (fault: unknown) => {
      throw new AdminNotAsked(await sentenceOf(fault, { name, stage, client }), { cause: fault });
    },
  );
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError === undefined) return resultOf(text, name);
  const { errorMessage = text } = (parsed(text) ?? {}) as { readonly errorMessage?: string };
  throw new AdminNotAsked(
    `the function ${name} failed: ${errorMessage}. Its log group /${stage}/admin says more; nothing may have been done, or all of it`,
  );
}

/** Every command answers an object that says of which kind it is. */
function resultOf(text: string, name: string): object {
  const result = parsed(text);
  if (typeof result === 'object' && result !== null && 'kind' in result) return result;
  throw new AdminNotAsked(
    `the function ${name} gave no answer that this posta knows. Is it Posta's, and of the same version?`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Tries again only what AWS says it did not begin: too many at once, or an update of the function under way. */
async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await ask();
    } catch (fault) {
      const turnedAway =
        fault instanceof TooManyRequestsException || fault instanceof ResourceConflictException;
      if (!turnedAway || attempt === maxAttempts) throw fault;
      await pause(250 * 2 ** attempt);
    }
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
  if (/UnrecognizedClient|ExpiredToken|InvalidSignature|InvalidClientTokenId/.test(kind))
    return `AWS does not take these credentials: ${message}. Sign in again (aws sso login), or set another AWS_PROFILE`;
  if (/AccessDenied/.test(kind))
    return `AWS does not let you: ${message}. It takes the right lambda:InvokeFunction on ${name} in ${region}`;
  if (kind === 'TimeoutError' || kind === 'AbortError')
    return `the function ${name} did not answer within ${answerMs / 1000} s: look whether it was done before you try again`;
  return `the function ${name} in ${region} could not be asked: ${kind} ${message}`.trim();
}
