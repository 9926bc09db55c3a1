/** A service that answers the requests of a real client as a test has written down. */
import { HttpResponse } from '@smithy/core/protocols';
import { tableClient } from '../../../../drivers/aws/table/client.ts';
import { DynamoTable } from '../../../../drivers/aws/table/table.ts';
import { quickClock } from '../../../mail/mailbox/mail-kit.ts';

/** JSON of an answer, or what the network does instead. */
export type Answer =
  | { readonly status: number; readonly body: string | object }
  | { readonly broken: Error }
  /** A success that breaks off. */
  | { readonly cut: true };

/** What was asked. */
export interface Asked {
  /** `PutItem` … */
  readonly operation: string;
  readonly body: Record<string, unknown>;
}

export const done: Answer = { status: 200, body: {} };

/** An answer of 400 unless another status is given. */
export function refusal(
  name: string,
  more: { readonly status?: number; readonly body?: object } = {},
): Answer {
  const type = `com.amazonaws.dynamodb.v20120810#${name}`;
  return { status: more.status ?? 400, body: { __type: type, message: `about ${name}`, ...more.body } };
}

/** An error as the system gives it. */
export function networkError(code: string): Answer {
  return { broken: Object.assign(new Error(`the network said ${code}`), { code }) };
}

/** A table whose requests get these answers, in their order, the last one for ever. */
export function scriptedTable(...answers: readonly Answer[]) {
  const asked: Asked[] = [];
  const client = tableClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: {
      handle: async (request: { readonly headers: Record<string, string>; readonly body: Uint8Array }) => {
        const answer = answers[Math.min(asked.length, answers.length - 1)] ?? done;
        const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
        asked.push({
          operation,
          body: JSON.parse(new TextDecoder().decode(request.body)) as Record<string, unknown>,
        });
        return { response: responseOf(answer) };
      },
    },
  });
  const table = new DynamoTable({ client, tableName: 'scripted', clock: quickClock() });
  return { table, asked };
}

function responseOf(answer: Answer): HttpResponse {
  if ('broken' in answer) throw answer.broken;
  const cut = 'cut' in answer;
  const { status, body } = cut ? { status: 200, body: '{"Ite' } : answer;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return new HttpResponse({
    statusCode: status,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(text),
  });
}
