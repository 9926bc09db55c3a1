/** Listeners on loopback with the line engine behind them, closed at the test's end. */
import type { TestContext } from 'node:test';
import type { SecureContexts } from '../../../containers/listener/handshake.ts';
import type { ListenerLimits } from '../../../containers/listener/limits.ts';
import { listen, type Listening } from '../../../containers/listener/listen.ts';
import type { Listener } from '../../../containers/listener/service.ts';
import { rememberingLog, rememberingMetrics, type Line } from './fakes.ts';
import { lineEngines, type Seen } from './line-engine.ts';

export interface TestServer {
  readonly port: number;
  readonly listening: Listening;
  readonly seen: Seen[];
  readonly log: Line[];
  readonly counts: Map<string, number>;
}

export interface TestServerOptions {
  readonly limits?: Partial<ListenerLimits>;
  readonly listener?: Partial<Listener>;
  readonly certificates?: SecureContexts;
  readonly hosts?: readonly string[];
}

export async function startServer(t: TestContext, options: TestServerOptions = {}): Promise<TestServer> {
  const { engine, seen } = lineEngines();
  const log: Line[] = [];
  const counts = new Map<string, number>();
  const listener: Listener = {
    protocol: 'line',
    role: 'test',
    port: 0,
    tls: 'none',
    proxy: 'off',
    engine,
    texts: { tooManyConnections: 'too many\r\n', fault: 'went wrong\r\n' },
    ...options.listener,
  };
  const listening = await listen({
    hosts: options.hosts ?? ['127.0.0.1'],
    listeners: [listener],
    limits: { lingerMs: 200, ...options.limits },
    log: rememberingLog(log),
    metrics: rememberingMetrics(counts),
    ...(options.certificates === undefined ? {} : { certificates: options.certificates }),
  });
  t.after(() => listening.close({ graceMs: 0 }));
  return { port: listening.addresses[0]?.port ?? 0, listening, seen, log, counts };
}

/** Waits for what comes about soon; the test runner's time-out ends it otherwise. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
