/**
 * HTTP behind the listener runtime: sockets, TLS, limits and draining are the runtime's, the protocol is Node's own
 * server over a stream that joins the two, and the pages are a handler's.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';
import type { Log } from '../../mail/ports/log.ts';
import type { WebHandler, WebRequest, WebResponse } from '../../mail/web/exchange.ts';
import type { Engine, EngineFactory, LeaveReason, Output } from '../../mail/wire/engine.ts';

/** What a request may be. */
const limits = {
  headerBytes: 16 * 1024,
  bodyBytes: 64 * 1024,
  requestMs: 30_000,
  /** How long a connection waits for its next request. */
  idleMs: 15_000,
  /** Of one connection. */
  requests: 100,
};

export interface HttpEngineOptions {
  readonly handler: WebHandler;
  readonly log: Log;
}

/** One server for all connections; it never listens by itself. */
export function httpEngine({ handler, log }: HttpEngineOptions): EngineFactory {
  const server = createServer(
    { maxHeaderSize: limits.headerBytes, requestTimeout: limits.requestMs, headersTimeout: limits.requestMs },
    (request, response) => void answer(request, response),
  );
  server.maxRequestsPerSocket = limits.requests;
  return (_connection, output) => new HttpEngine(server, output);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const read = await readRequest(request);
      const page: WebResponse =
        read === undefined
          ? { status: 413, headers: { connection: 'close' }, body: 'This is too long.\n' }
          : await handler(read);
      log.debug('http.answered', { path: read?.path, status: page.status });
      response.writeHead(page.status, { ...page.headers, 'content-length': Buffer.byteLength(page.body) });
      response.end(request.method === 'HEAD' ? undefined : page.body);
    } catch (fault) {
      if (request.errored !== null || response.destroyed) return;
      log.error('http.fault', fault, { path: request.url?.slice(0, 200) });
      response.writeHead(500, { 'content-type': 'text/plain' }).end('Something went wrong on this server.\n');
    }
  }
}

/** undefined where it is too long. */
async function readRequest(request: IncomingMessage): Promise<WebRequest | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limits.bodyBytes) return undefined;
    chunks.push(chunk);
  }
  const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s);
  return {
    method: request.method ?? '',
    host: (request.headers.host ?? '').toLowerCase().replace(/:\d+$/, ''),
    path,
    query: new URLSearchParams(query),
    body: Buffer.concat(chunks).toString(),
  };
}

class HttpEngine implements Engine {
  readonly #stream: EngineStream;
  readonly #server: Server;
  readonly #output: Output;

  constructor(server: Server, output: Output) {
    this.#server = server;
    this.#output = output;
    this.#stream = new EngineStream(output);
  }

  async start(): Promise<void> {
    this.#output.setIdleTimeout(limits.idleMs);
    this.#server.emit('connection', this.#stream);
  }

  receive(bytes: Uint8Array): Promise<void> {
    return this.#stream.receive(bytes);
  }

  idle(): void {
    this.#stream.destroy();
  }

  /** An answer under way is worth the wait: a request here takes milliseconds. */
  leave(reason: LeaveReason): void {
    if (reason === 'shutdown') setImmediate(() => this.#stream.end());
  }

  async closed(): Promise<void> {
    this.#stream.destroy();
  }
}

/** What Node's server takes for a socket. */
class EngineStream extends Duplex {
  readonly #output: Output;
  #taken: (() => void) | undefined;

  constructor(output: Output) {
    super({ allowHalfOpen: true });
    this.#output = output;
    this.on('error', () => undefined);
  }

  /** Resolves when more is wanted. */
  receive(bytes: Uint8Array): Promise<void> {
    if (this.destroyed || this.push(bytes)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#taken = resolve;
    });
  }

  override _read(): void {
    this.#taken?.();
    this.#taken = undefined;
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#output.write(bytes);
    this.#output.ready().then(() => done(), done);
  }

  override _final(done: () => void): void {
    this.#output.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#taken?.();
    this.#output.end();
    done(error);
  }
}
