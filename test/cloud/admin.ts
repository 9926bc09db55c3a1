/** The deployed admin function, invoked as the console's forms do. By HTTP: one call is not worth a client. */
import { outputsOf } from './deployed.ts';

/** The command's result; a refusal or a fault is an error. */
export async function askAdmin(command: string, input: object): Promise<Record<string, unknown>> {
  const { AdminFunction = '' } = await outputsOf('posta-routing');
  const answer = await fetch(
    `${process.env['AWS_ENDPOINT_URL']}/2015-03-31/functions/${AdminFunction}/invocations`,
    {
      method: 'POST',
      body: JSON.stringify({ command, input }),
      headers: {
        authorization:
          'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=none',
      },
    },
  );
  const text = await answer.text();
  const result = JSON.parse(text === '' ? 'null' : text) as Record<string, unknown> | null;
  if (!answer.ok || answer.headers.get('x-amz-function-error') !== null || result?.['kind'] === 'refused')
    throw new Error(`${command}: ${text}`);
  return result ?? {};
}
