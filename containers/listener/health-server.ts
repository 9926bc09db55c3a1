/** Says on the loopback how a container fares: whoever started it asks, and ends it when it does not answer. */
import { createServer } from 'node:http';
import type { Health } from './listen.ts';

export interface HealthServerOptions {
  readonly port: number;
  /**
   * Of this process alone: a table that cannot be reached is no reason to end the tasks of a whole service, which would
   * find it away again.
   */
  readonly health: () => Health;
}

/** 200 while it is ready, 503 from when it drains; the body says more, as JSON. */
export async function serveHealth({ port, health }: HealthServerOptions): Promise<AsyncDisposable> {
  const server = createServer({ requestTimeout: 5000, headersTimeout: 5000 }, (_request, response) => {
    const now = health();
    response.writeHead(now.status === 'ready' ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify(now));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ port, host: '127.0.0.1' }, resolve);
  });
  return {
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
