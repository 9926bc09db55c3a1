/** What a deployed function was told: the names of everything in its deployment. */
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';

export async function functionEnvironment(
  client: LambdaClient,
  name: string,
): Promise<Readonly<Record<string, string>>> {
  const command = new GetFunctionConfigurationCommand({ FunctionName: name });
  const { Environment } = await client.send(command, { abortSignal: AbortSignal.timeout(10_000) });
  return Environment?.Variables ?? {};
}
