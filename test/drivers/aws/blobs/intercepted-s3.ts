/** S3 as the emulator has it, but that a test answers some requests itself, or spoils their answers. */
import { Readable } from 'node:stream';
import { HttpResponse } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';

type Request = Parameters<NodeHttpHandler['handle']>[0];
type HandlerOptions = Parameters<NodeHttpHandler['handle']>[1];
export type Answer = Awaited<ReturnType<NodeHttpHandler['handle']>>;

export type Operation =
  'put' | 'get' | 'head' | 'copy' | 'delete' | 'list' | 'begin' | 'part' | 'complete' | 'abort';

export interface Seen {
  readonly operation: Operation;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

export interface Intercepted extends Seen {
  /** How many of its operation were seen before. */
  readonly before: number;
  readonly abortSignal: AbortSignal | undefined;
  /** Sends it to S3. */
  readonly pass: () => Promise<Answer>;
}

/** Undefined: it is passed. */
export type Intercept = (request: Intercepted) => Promise<Answer> | undefined;

/** The request handler of a client. */
export class InterceptedS3 {
  readonly seen: Seen[] = [];
  readonly #real = new NodeHttpHandler();
  readonly #intercept: Intercept;

  constructor(intercept: Intercept) {
    this.#intercept = intercept;
  }

  /** Of which operations requests were seen, in order. */
  get operations(): readonly Operation[] {
    return this.seen.map(({ operation }) => operation);
  }

  handle(request: Request, options?: HandlerOptions): Promise<Answer> {
    const operation = operationOf(request);
    const before = this.seen.filter((other) => other.operation === operation).length;
    const { headers, query, body } = request;
    const seen: Seen = { operation, headers, query, body };
    this.seen.push(seen);
    const pass = () => this.#real.handle(request, options);
    const abortSignal = options?.abortSignal as AbortSignal | undefined;
    return this.#intercept({ ...seen, before, abortSignal, pass }) ?? pass();
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }

  destroy(): void {
    this.#real.destroy();
  }
}

/** An error as S3 words it. */
export async function refusal(statusCode: number, code: string): Promise<Answer> {
  return xmlAnswer(statusCode, `<Error><Code>${code}</Code><Message>so it was told</Message></Error>`);
}

export function xmlAnswer(statusCode: number, xml: string): Answer {
  const body = Readable.from([Buffer.from(xml)]);
  const headers = { 'content-type': 'application/xml' };
  return { response: new HttpResponse({ statusCode, headers, body }) };
}

/** What a connection that hangs gives. */
export function noAnswer({ abortSignal }: Pick<Intercepted, 'abortSignal'>): Promise<never> {
  return new Promise((_, reject) => {
    const aborted = () => reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' }));
    abortSignal?.addEventListener('abort', aborted, { once: true });
  });
}

/** The same answer with another body, and the body that it had. */
export async function withBody(passed: Promise<Answer>, body: (real: Readable) => Readable): Promise<Answer> {
  const { statusCode, headers, body: real } = (await passed).response;
  return { response: new HttpResponse({ statusCode, headers, body: body(real as Readable) }) };
}

function operationOf({ method, query, headers }: Request): Operation {
  if (method === 'HEAD') return 'head';
  if (method === 'GET') return 'list-type' in query ? 'list' : 'get';
  if (method === 'DELETE') return 'abort';
  if (method === 'POST') {
    if ('delete' in query) return 'delete';
    return 'uploads' in query ? 'begin' : 'complete';
  }
  if ('partNumber' in query) return 'part';
  return 'x-amz-copy-source' in headers ? 'copy' : 'put';
}
