/** The network between a real client and an emulator, which does on order what networks do. */
import { HttpResponse } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/**
 * - `status`: an answer without the service having been asked.
 * - `lost`: the service did it, and the answer did not come.
 * - `reset`: it was not even asked.
 */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly body?: string }
  | { readonly kind: 'lost' | 'reset' };

type Request = Parameters<NodeHttpHandler['handle']>[0];

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly target: string;
}

export class FaultyHandler {
  readonly asked: Asked[] = [];
  /** Which fault a request meets, if any; it is asked once for each. */
  fault: (asked: Asked) => Fault | undefined = () => undefined;
  readonly #inner = new NodeHttpHandler();

  async handle(request: Request, options?: Parameters<NodeHttpHandler['handle']>[1]) {
    const asked = {
      method: request.method,
      path: request.path,
      query: Object.entries(request.query ?? {}).join(),
      target: request.headers['x-amz-target'] ?? '',
    };
    this.asked.push(asked);
    const fault = this.fault(asked);
    if (fault?.kind === 'reset') throw resetError();
    if (fault?.kind === 'status') {
      const headers = { 'content-type': request.headers['content-type'] ?? 'application/xml' };
      const body = Buffer.from(fault.body ?? '');
      return { response: new HttpResponse({ statusCode: fault.status, headers, body }) };
    }
    const answer = await this.#inner.handle(request, options);
    if (fault?.kind === 'lost') throw resetError();
    return answer;
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }

  destroy(): void {
    this.#inner.destroy();
  }
}

/** Gives a fault for the first so many requests that it is meant for. */
export function first(count: number, fault: Fault, meant: (asked: Asked) => boolean) {
  let left = count;
  return (asked: Asked): Fault | undefined => {
    if (left === 0 || !meant(asked)) return undefined;
    left -= 1;
    return fault;
  };
}

function resetError(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', name: 'Error' });
}
