/** HTTP over the runtime: Node's own client speaks to it. */
import assert from 'node:assert/strict';
import { Agent, request as send } from 'node:http';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { httpEngine } from '../../../containers/listener/http-engine.ts';
import type { WebRequest } from '../../../mail/web/exchange.ts';
import { Client } from './client.ts';
import { rememberingLog, type Line } from './fakes.ts';
import { startServer } from './server.ts';

async function webServer(t: TestContext) {
  const requests: WebRequest[] = [];
  const log: Line[] = [];
  const engine = httpEngine({
    log: rememberingLog(log),
    handler: async (request) => {
      requests.push(request);
      if (request.path === '/fault') throw new Error('on purpose');
      const body = request.path === '/long' ? 'x'.repeat(1_000_000) : `page ${request.path}`;
      return { status: 200, headers: { 'content-type': 'text/plain' }, body };
    },
  });
  const server = await startServer(t, { listener: { protocol: 'https', engine } });
  return { ...server, requests, faults: log };
}

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

function ask(
  port: number,
  path: string,
  {
    agent,
    method = 'GET',
    body,
  }: { readonly agent?: Agent; readonly method?: string; readonly body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'mta-sts.Example.org:443' };
    const sent = send({ port, path, method, headers, ...(agent && { agent }) }, (response) => {
      text(response).then((read) => resolve({ status: response.statusCode, body: read }), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

test('a page is asked for and comes, several over one connection', async (t) => {
  const { port, requests, seen: _ } = await webServer(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  assert.deepEqual(await ask(port, '/a?x=1', { agent }), { status: 200, body: 'page /a' });
  assert.deepEqual(await ask(port, '/b', { agent, method: 'POST', body: 'hello' }), {
    status: 200,
    body: 'page /b',
  });
  assert.equal((await ask(port, '/c', { agent, method: 'HEAD' })).body, '');
  assert.deepEqual(
    requests.map(({ method, host, path, query, body }) => [method, host, path, query.get('x'), body]),
    [
      ['GET', 'mta-sts.example.org', '/a', '1', ''],
      ['POST', 'mta-sts.example.org', '/b', null, 'hello'],
      ['HEAD', 'mta-sts.example.org', '/c', null, ''],
    ],
  );
});

test('a long page comes whole', async (t) => {
  const { port } = await webServer(t);
  assert.equal((await ask(port, '/long')).body.length, 1_000_000);
});

test('a body past the limit is refused, and the handler does not see it', async (t) => {
  const { port, requests } = await webServer(t);
  const { status } = await ask(port, '/a', { method: 'POST', body: 'x'.repeat(70_000) });
  assert.equal(status, 413);
  assert.deepEqual(requests, []);
});

test('what is no HTTP is answered with 400 and the end', async (t) => {
  const { port } = await webServer(t);
  const client = await Client.open(port);
  client.send('EHLO what is this\r\n\r\n');
  assert.match(await client.rest(), /^HTTP\/1\.1 400 Bad Request/);
  client.close();
});

test('a fault of the handler is a 500 and a line in the log', async (t) => {
  const { port, faults } = await webServer(t);
  assert.equal((await ask(port, '/fault')).status, 500);
  assert.deepEqual(
    faults.filter(({ level }) => level === 'error').map(({ event }) => event),
    ['http.fault'],
  );
});

test('draining ends connections that wait for their next request', async (t) => {
  const { port, listening } = await webServer(t);
  const client = await Client.open(port);
  client.send('GET /a HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.equal(await client.line(), 'HTTP/1.1 200 OK');
  const closed = await listening.close({ graceMs: 5000 });
  assert.deepEqual(closed, { left: 1, destroyed: 0 });
  client.close();
});
