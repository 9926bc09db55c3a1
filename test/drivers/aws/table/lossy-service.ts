/** DynamoDB behind a network and a service that fail when a test says so: faults at the requests of a real client. */
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { HttpResponse, type HttpRequest } from '@smithy/core/protocols';

/**
 * - `answerLost`: it is done, and the answer never comes.
 * - `requestLost`: it never arrives.
 * - `late`: there is no answer, and it arrives just before the next request.
 * - `failed`: the service answers with an error of its own, and has done it.
 * - `throttled`: it is refused.
 */
export type ServiceFault = 'answerLost' | 'requestLost' | 'late' | 'failed' | 'throttled';

/** Hands requests on, but for the faults. */
export class LossyService {
  /** Asked before each request. */
  faultFor: (operation: string) => ServiceFault | undefined = () => undefined;
  requests = 0;
  faults = 0;
  readonly #network = new NodeHttpHandler();
  #late: HttpRequest[] = [];

  async handle(request: HttpRequest): Promise<{ response: HttpResponse }> {
    this.requests++;
    await this.settle();
    const fault = this.faultFor(request.headers['x-amz-target']?.split('.').at(-1) ?? '');
    if (fault !== undefined) this.faults++;
    switch (fault) {
      case undefined:
        return this.#network.handle(request);
      case 'answerLost':
        await this.#do(request);
        throw Object.assign(new Error('the answer was lost'), { name: 'TimeoutError' });
      case 'requestLost':
        throw Object.assign(new Error('the request was lost'), { code: 'ECONNRESET' });
      case 'late':
        this.#late.push(request);
        throw Object.assign(new Error('the request is late'), { name: 'TimeoutError' });
      case 'failed':
        await this.#do(request);
        return answer(500, 'InternalServerError');
      case 'throttled':
        return answer(400, 'ThrottlingException');
      default:
        return fault satisfies never;
    }
  }

  /** What is late arrives now. */
  async settle(): Promise<void> {
    for (const request of this.#late.splice(0)) await this.#do(request);
  }

  destroy(): void {
    this.#network.destroy();
  }

  async #do(request: HttpRequest): Promise<void> {
    const { response } = await this.#network.handle(request);
    // The connection is free again when the answer is read.
    for await (const _ of response.body as AsyncIterable<Uint8Array>);
  }
}

function answer(statusCode: number, name: string): { response: HttpResponse } {
  const body = Buffer.from(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}` }));
  return {
    response: new HttpResponse({
      statusCode,
      headers: { 'content-type': 'application/x-amz-json-1.0' },
      body,
    }),
  };
}
