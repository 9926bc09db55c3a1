/** AWS as far as `posta --stack` sees it: the real admin function over a data directory, and what a test says of the rest. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminPorts } from '../../bin/admin-ports.ts';
import { openOneMachine } from '../../bin/one-machine.ts';
import { adminEvent } from '../../lambdas/admin/admin-event.ts';
import { fakeKeptLog } from '../contracts/fake-kept-log.ts';
import { recordingLog, type RecordingLog } from '../contracts/recording-log.ts';

export interface FunctionEndpoint extends AsyncDisposable {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** What the function logged. */
  readonly log: RecordingLog;
  /** The events that it was given, as they came. */
  readonly events: string[];
}

/** An answer of another service than Lambda. */
export interface OtherAnswer {
  readonly status?: number;
  /** For a service that speaks JSON: the name of the error. */
  readonly error?: string;
  readonly body: string;
}

export interface EndpointOptions {
  /** Of the function. */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * By what is asked: `GET /v2/email/account`, `DescribeStacks` and the like; undefined: 404. `Invoke` comes before the
   * function itself; undefined: it is asked.
   */
  readonly answer?: (asked: string, body: string) => OtherAnswer | undefined;
}

/** The stage is `posta`. */
export async function functionEndpoint({
  environment = {},
  answer: answerOther = () => undefined,
}: EndpointOptions = {}): Promise<FunctionEndpoint> {
  const folder = await mkdtemp(join(tmpdir(), 'posta-function-'));
  const log = recordingLog();
  const machine = await openOneMachine({ data: folder, log });
  const ask = adminEvent({
    ...adminPorts(machine),
    mail: machine.mail,
    keptLog: fakeKeptLog([]),
    relayQueue: machine.queues.relay,
  });
  const events: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    const [, lambda] = /^(\/2015-03-31\/)/.exec(request.url ?? '') ?? [];
    if (lambda === undefined) return respond(response, answerOther(askedOf(request, body), body));
    const [, name, what] = /\/functions\/([^/]+)\/(invocations|configuration)$/.exec(request.url ?? '') ?? [];
    response.setHeader('content-type', 'application/json');
    if (name !== 'posta-admin') {
      response.statusCode = 404;
      response.setHeader('x-amzn-errortype', 'ResourceNotFoundException');
      return response.end('{"Message":"Function not found"}');
    }
    if (what === 'configuration')
      return response.end(JSON.stringify({ Environment: { Variables: environment } }));
    events.push(body);
    const instead = answerOther('Invoke', body);
    if (instead !== undefined) return respond(response, instead);
    return response.end(JSON.stringify(await ask(JSON.parse(body))));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((fault: unknown) => {
      response.statusCode = 500;
      response.end(String(fault));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    events,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await machine[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An operation's name, or method and path. */
function askedOf({ method, url, headers }: IncomingMessage, body: string): string {
  const target = headers['x-amz-target'];
  const [, query] = /^Action=(\w+)/.exec(body) ?? [];
  return typeof target === 'string' ? (target.split('.')[1] ?? '') : (query ?? `${method} ${url}`);
}

function respond(response: ServerResponse, answer: OtherAnswer | undefined): void {
  const { status = 200, error, body } = answer ?? { status: 404, error: 'NotFoundException', body: '{}' };
  response.statusCode = status;
  if (error !== undefined) response.setHeader('x-amzn-errortype', error);
  response.setHeader('content-type', body.startsWith('<') ? 'text/xml' : 'application/json');
  response.end(body);
}
